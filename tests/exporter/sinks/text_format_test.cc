#include "exporter/sinks/text_format.h"

#include <gtest/gtest.h>

#include <cmath>

namespace chatscale {
namespace {

prometheus::MetricFamily Gauge(const std::string& help, const std::string& label, double value) {
  prometheus::MetricFamily family;
  family.name = "x";
  family.help = help;
  family.type = prometheus::MetricType::Gauge;
  prometheus::ClientMetric metric;
  metric.label.push_back({"l", label});
  metric.gauge.value = value;
  family.metric.push_back(metric);
  return family;
}

TEST(TextFormat, EscapesHelpAndLabels) {
  EXPECT_EQ(WriteText({Gauge("a\\b\nc\"", "a\\b\nc\"", 1)}),
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
    const std::string text = WriteText({Gauge("h", "v", c.value)});
    EXPECT_NE(text.find(std::string("x{l=\"v\"} ") + c.text + "\n"), std::string::npos) << text;
  }
}

TEST(TextFormat, ACounterSaysSo) {
  prometheus::MetricFamily family;
  family.name = "c_total";
  family.type = prometheus::MetricType::Counter;
  prometheus::ClientMetric metric;
  metric.counter.value = 7;
  family.metric.push_back(metric);
  EXPECT_EQ(WriteText({family}), "# HELP c_total \n# TYPE c_total counter\nc_total 7\n");
}

}  // namespace
}  // namespace chatscale
