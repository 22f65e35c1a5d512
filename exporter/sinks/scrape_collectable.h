// View -> prometheus-cpp's data model, built fresh: a label set that vanished at the source
// vanishes here.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <memory>
#include <vector>

#include "exporter/core/samples.h"

namespace chatscale {

std::vector<prometheus::MetricFamily> FamiliesOf(const Samples& samples);

class ScrapeCollectable : public prometheus::Collectable {
 public:
  explicit ScrapeCollectable(std::shared_ptr<const View> view, SampleLimits limits = {})
      : view_(std::move(view)), limits_(limits) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  std::shared_ptr<const View> view_;
  SampleLimits limits_;
};

}  // namespace chatscale
