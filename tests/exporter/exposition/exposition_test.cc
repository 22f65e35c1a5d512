#include "exporter/exposition/exposition.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace chatscale {
namespace {

std::string Unzip(const std::string& packed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(1 << 20, '\0');
  std::string in = packed;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(Exposition, GzipIsTheSameTextAndMadeOnce) {
  View view;
  view.mode = "demo";
  const Exposition exposition(view);
  EXPECT_NE(exposition.text()->find("chat_exporter_mode_info{mode=\"demo\"} 1\n"),
            std::string::npos);
  EXPECT_EQ(Unzip(*exposition.gzip()), *exposition.text());
  EXPECT_EQ(exposition.gzip(), exposition.gzip());
}

}  // namespace
}  // namespace chatscale
