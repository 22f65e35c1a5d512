#include "exporter/exposition/text_format.h"

#include <gtest/gtest.h>

#include <cmath>

namespace chatscale {
namespace {

std::string TextOf(const MetricRow& row, const std::string& label, double value) {
  std::string text;
  const PublishedRow as = UnderItsOwnName(row);
  AppendText({&as, {{{{"l", label}}, value}}}, text);
  return text;
}

TEST(TextFormat, EscapesHelpAndLabels) {
  const MetricRow row{.name = "x", .help = "a\\b\nc\""};
  EXPECT_EQ(TextOf(row, "a\\b\nc\"", 1),
            "# HELP x a\\\\b\\nc\"\n# TYPE x gauge\nx{l=\"a\\\\b\\nc\\\"\"} 1\n");
}

TEST(TextFormat, WritesNumbersThatReadBackTheSame) {
  const struct {
    double value;
    const char* text;
  } cases[] = {{0, "0"},
               {0.1, "0.1"},
               {1.0 / 3, "0.3333333333333333"},
               {1784894400.25, "1784894400.25"},
               {1e300, "1e+300"},
               {std::nan(""), "NaN"},
               {HUGE_VAL, "+Inf"},
               {-HUGE_VAL, "-Inf"}};
  const MetricRow row{.name = "x", .help = "h"};
  for (const auto& c : cases) {
    const std::string text = TextOf(row, "v", c.value);
    EXPECT_NE(text.find(std::string("x{l=\"v\"} ") + c.text + "\n"), std::string::npos) << text;
  }
}

TEST(TextFormat, ACounterSaysSo) {
  const MetricRow row{.name = "c.total", .kind = Kind::kCounter};
  std::string text;
  const PublishedRow as = UnderItsOwnName(row);
  AppendText({&as, {{{}, 7}}}, text);
  EXPECT_EQ(text, "# HELP c_total \n# TYPE c_total counter\nc_total 7\n");
}

TEST(TextFormat, AHistogramIsCumulative) {
  const MetricRow row{.name = "h.seconds", .kind = Kind::kHistogram, .help = "h"};
  TimeHistogram histogram;
  for (const double seconds : {0.1, 0.2, 400.0}) histogram.Add(seconds);
  const PublishedRow as = UnderItsOwnName(row);
  SampleFamily family{&as, {}};
  Emit emit(&family.samples);
  emit(std::optional(histogram));
  std::string text;
  AppendText(family, text);
  EXPECT_EQ(text.substr(0, text.find("h_seconds_bucket{le=\"1\"}")),
            "# HELP h_seconds h\n# TYPE h_seconds histogram\n"
            "h_seconds_bucket{le=\"0.1\"} 1\nh_seconds_bucket{le=\"0.5\"} 2\n");
  EXPECT_EQ(text.substr(text.find("h_seconds_bucket{le=\"300\"}")),
            "h_seconds_bucket{le=\"300\"} 2\nh_seconds_bucket{le=\"+Inf\"} 3\n"
            "h_seconds_sum 400.3\nh_seconds_count 3\n");
}

}  // namespace
}  // namespace chatscale
