#include "exporter/exposition/exposition.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "exporter/exposition/gzip.h"
#include "tests/support/fake_clock.h"

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

TEST(Exposition, TextAndGzipAreOfTheSameSecondWhicheverIsAskedFirst) {
  FakeClock clock;
  clock.now_ms = 1'000'000;
  const Exposition exposition(
      "settled 1\n",
      [](absl::Time now) {
        View view;
        view.process.cpu_seconds = absl::ToDoubleSeconds(now - absl::UnixEpoch());
        return view;
      },
      {}, &clock);
  const std::string first = Unzip(*exposition.gzip());
  EXPECT_TRUE(first.starts_with("settled 1\n"));
  EXPECT_NE(first.find("process_cpu_seconds_total 1000\n"), std::string::npos);
  clock.now_ms += 900;
  EXPECT_EQ(*exposition.text(), first);
  clock.now_ms += 2000;
  EXPECT_NE(exposition.text()->find("process_cpu_seconds_total 1002.9\n"), std::string::npos);
  EXPECT_EQ(Unzip(*exposition.gzip()), *exposition.text());
}

TEST(Gzip, TakesPartsAndWhatCannotBeCompressed) {
  std::mt19937 random(1);
  std::string noise(100'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  EXPECT_EQ(Unzip(Gzip({noise, "", "end"})), noise + "end");
  EXPECT_EQ(Unzip(Gzip("")), "");
}

}  // namespace
}  // namespace chatscale
