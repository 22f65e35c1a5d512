// Text format: Prometheus exposition format 0.0.4. Pure.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
//
// Our own, because prometheus-cpp 1.0.1 does not escape HELP, and writes "Nan" and 16 digits.
#pragma once

#include <prometheus/metric_family.h>
#include <prometheus/serializer.h>

#include <iosfwd>
#include <string>
#include <vector>

namespace chatscale {

inline constexpr const char* kTextFormatContentType = "text/plain; version=0.0.4; charset=utf-8";

// HELP, TYPE and one line per series. A value is its shortest text that parses to the same double.
// Gauges, counters and histograms; no timestamps.
class TextSerializer : public prometheus::Serializer {
 public:
  using prometheus::Serializer::Serialize;
  void Serialize(std::ostream& out,
                 const std::vector<prometheus::MetricFamily>& families) const override;

  // Appends one family to `out`, so that memory is that of one family.
  static void Append(const prometheus::MetricFamily& family, std::string& out);
};

}  // namespace chatscale
