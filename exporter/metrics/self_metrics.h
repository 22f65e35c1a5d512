// Self metrics: chatscale's own counters, in a prometheus-cpp registry. The component that counts
// owns the counter. Process metrics are read on collection.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <string_view>
#include <vector>

#include "exporter/metrics/catalogue.h"

namespace chatscale {

// Thread-safe.
class SelfMetrics : public prometheus::Collectable {
 public:
  // The family of a catalogue row of this type without a reader. A metric exists once it was added.
  prometheus::Family<prometheus::Counter>& Counter(std::string_view name);
  prometheus::Family<prometheus::Gauge>& Gauge(std::string_view name);
  prometheus::Family<prometheus::Histogram>& Histogram(std::string_view name);

  // Families without a metric are omitted. Labels are in the order of the catalogue row, metrics
  // sorted by labels; the library sorts neither.
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  prometheus::Registry registry_;
};

// Value of a gauge or counter; nullopt: absent.
MaybeNumber ValueIn(const std::vector<prometheus::MetricFamily>& families, std::string_view name,
                    const prometheus::Labels& labels = {});

// Process metrics: the kernel's figures of this process, from /proc/self. Unreadable ones are
// absent.

// "process_..." and the dropped log lines.
std::vector<prometheus::MetricFamily> ProcessFamilies();

MaybeNumber ProcessStartTime();  // Unix time, seconds

}  // namespace chatscale
