#include "exporter/metrics/exposition.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "exporter/metrics/self_metrics.h"
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

// One target that was read at the beginning of the clock.
std::shared_ptr<const View> ReadAt(absl::Time time) {
  auto view = std::make_shared<View>();
  SourceHealth& source = view->targets.emplace_back().sources.emplace_back();
  source.source = "proc";
  source.last_success = time;
  return view;
}

TEST(Exposition, GzipMatchesTextAndIsCached) {
  FakeClock clock;
  clock.now_ms = 1'000'000;
  const Exposition exposition("settled 1\n", ReadAt(clock.Now()), {}, &clock);
  EXPECT_TRUE(exposition.text()->starts_with("settled 1\n"));
  EXPECT_EQ(Unzip(*exposition.gzip()), *exposition.text());
  EXPECT_EQ(exposition.gzip(), exposition.gzip());
}

TEST(Exposition, TextAndGzipShareOneRendering) {
  FakeClock clock;
  clock.now_ms = 1'000'000;
  const auto self = std::make_shared<SelfMetrics>();
  prometheus::Gauge& connections = self->Gauge("chat.exporter.http_connections").Add({});
  const Exposition exposition("settled 1\n", ReadAt(clock.Now()), {.self = self}, &clock);
  const auto shows = [](const std::string& text, const char* age, const char* connections_open) {
    EXPECT_NE(text.find(std::string("snapshot_age_seconds{source=\"proc\"} ") + age + "\n"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(std::string("chat_exporter_http_connections ") + connections_open + "\n"),
              std::string::npos)
        << text;
  };
  const std::string first = Unzip(*exposition.gzip());
  EXPECT_TRUE(first.starts_with("settled 1\n"));
  shows(first, "0", "0");
  connections.Set(2);
  clock.now_ms += 900;
  EXPECT_EQ(*exposition.text(), first);
  clock.now_ms += 2000;
  shows(*exposition.text(), "2.9", "2");
  EXPECT_EQ(Unzip(*exposition.gzip()), *exposition.text());
}

TEST(Gzip, HandlesPartsAndIncompressibleData) {
  std::mt19937 random(1);
  std::string noise(100'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  EXPECT_EQ(Unzip(Gzip({noise, "", "end"})), noise + "end");
  EXPECT_EQ(Unzip(Gzip("")), "");
}

}  // namespace
}  // namespace chatscale
