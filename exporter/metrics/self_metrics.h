// What chatscale counts of itself, in a registry of prometheus-cpp: whoever counts owns the
// counter. The figures that the kernel keeps of the process are read when they are collected.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string_view>
#include <vector>

#include "exporter/metrics/catalogue.h"

namespace chatscale {

// Thread-safe.
class SelfMetrics : public prometheus::Collectable {
 public:
  // The family of a catalogue row that is of this type and has no reader. A metric is there once it
  // was added.
  prometheus::Family<prometheus::Counter>& Counter(std::string_view name);
  prometheus::Family<prometheus::Gauge>& Gauge(std::string_view name);
  prometheus::Family<prometheus::Histogram>& Histogram(std::string_view name);

  // Without the families that have no metric. Labels are in the order of the catalogue's row,
  // metrics sorted by them: the library's are in none.
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  prometheus::Registry registry_;
};

// What a gauge or counter says; nullopt: it is not there.
MaybeNumber ValueIn(const std::vector<prometheus::MetricFamily>& families, std::string_view name,
                    const prometheus::Labels& labels = {});

}  // namespace chatscale
