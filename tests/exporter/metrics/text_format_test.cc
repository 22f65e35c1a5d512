#include "exporter/metrics/text_format.h"

#include <gtest/gtest.h>

#include <cmath>

#include "exporter/metrics/catalogue.h"

namespace chatscale {
namespace {

std::string TextOf(const std::string& help, const std::string& label, double value) {
  ClientMetric metric;
  metric.label = {{"l", label}};
  metric.gauge.value = value;
  return TextSerializer().Serialize({{"x", help, MetricType::Gauge, {metric}}});
}

TEST(TextFormat, EscapesHelpAndLabels) {
  EXPECT_EQ(TextOf("a\\b\nc\"", "a\\b\nc\"", 1),
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
  for (const auto& c : cases) {
    const std::string text = TextOf("h", "v", c.value);
    EXPECT_NE(text.find(std::string("x{l=\"v\"} ") + c.text + "\n"), std::string::npos) << text;
  }
}

TEST(TextFormat, WritesCounterType) {
  ClientMetric metric;
  metric.counter.value = 7;
  EXPECT_EQ(TextSerializer().Serialize({{"c_total", "", MetricType::Counter, {metric}}}),
            "# HELP c_total \n# TYPE c_total counter\nc_total 7\n");
}

TEST(TextFormat, HistogramBucketsAreCumulative) {
  TimeHistogram histogram;
  for (const double seconds : {0.1, 0.2, 400.0}) histogram.Add(seconds);
  prometheus::MetricFamily family{"h_seconds", "h", MetricType::Histogram, {}};
  const Emit emit(family.type, absl::InfinitePast(), &family.metric);
  emit(std::optional(histogram));
  const std::string text = TextSerializer().Serialize({family});
  EXPECT_EQ(text.substr(0, text.find("h_seconds_bucket{le=\"1\"}")),
            "# HELP h_seconds h\n# TYPE h_seconds histogram\n"
            "h_seconds_bucket{le=\"0.1\"} 1\nh_seconds_bucket{le=\"0.5\"} 2\n");
  EXPECT_EQ(text.substr(text.find("h_seconds_bucket{le=\"300\"}")),
            "h_seconds_bucket{le=\"300\"} 2\nh_seconds_bucket{le=\"+Inf\"} 3\n"
            "h_seconds_sum 400.3\nh_seconds_count 3\n");
}

}  // namespace
}  // namespace chatscale
