#include "exporter/sinks/scrape_collectable.h"

#include <utility>

namespace chatscale {

std::vector<prometheus::MetricFamily> FamiliesOf(const Samples& samples) {
  std::vector<prometheus::MetricFamily> families;
  families.reserve(samples.families.size());
  for (const SampleFamily& family : samples.families) {
    const bool counter = family.row->kind == Kind::kCounter;
    prometheus::MetricFamily out;
    out.name = PrometheusName(family.row->name);
    out.help = std::string(family.row->help);
    out.type = counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    out.metric.reserve(family.samples.size());
    for (const Sample& sample : family.samples) {
      prometheus::ClientMetric metric;
      for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
      (counter ? metric.counter.value : metric.gauge.value) = sample.value;
      out.metric.push_back(std::move(metric));
    }
    families.push_back(std::move(out));
  }
  return families;
}

std::vector<prometheus::MetricFamily> ScrapeCollectable::Collect() const {
  return FamiliesOf(SamplesOf(*view_, limits_));
}

}  // namespace chatscale
