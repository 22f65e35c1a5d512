// Samples as CloudWatch has them: the promised names ("chat.proc.queue.total" is
// "chat/proc/queue/total"), each a gauge of one target at one instant. Pure.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "exporter/metrics/cloudwatch_text.h"
#include "exporter/metrics/publication.h"

namespace chatscale {

using Dimensions = std::vector<std::pair<std::string, std::string>>;

struct MetricDatum {
  std::string name;
  Dimensions dimensions;
  std::string_view unit;  // "Seconds", "Count", …
  double value = 0;
  absl::Time at;  // when the value was true
};

// Nothing for what is absent. `dimensions` come before those of the samples, and replace such of
// the same name, and give way where there would be more than 30; `tenant` and `project` of a target
// are among those where `name_targets` says so.
std::vector<MetricDatum> MetricDataOf(const Publication& publication, const Dimensions& dimensions,
                                      bool name_targets);

}  // namespace chatscale
