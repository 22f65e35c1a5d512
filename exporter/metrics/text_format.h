// Prometheus' text exposition format 0.0.4. Pure.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
//
// Of our own, as prometheus-cpp 1.0.1 does not escape HELP, writes "Nan" and 16 digits.
#pragma once

#include <prometheus/metric_family.h>
#include <prometheus/serializer.h>

#include <iosfwd>
#include <string>
#include <vector>

namespace chatscale {

inline constexpr const char* kTextFormatContentType = "text/plain; version=0.0.4; charset=utf-8";

// HELP, TYPE and a line for each series. Values are written with the fewest digits that read back
// the same. Gauges, counters and histograms; no timestamps.
class TextSerializer : public prometheus::Serializer {
 public:
  using prometheus::Serializer::Serialize;
  void Serialize(std::ostream& out,
                 const std::vector<prometheus::MetricFamily>& families) const override;

  // One family, behind what is in `out`: memory is that of one, as many targets have many series.
  static void Append(const prometheus::MetricFamily& family, std::string& out);
};

}  // namespace chatscale
