// When a sample was true, for receivers that ask. Pure.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "exporter/core/catalogue.h"
#include "exporter/core/view.h"

namespace chatscale {

// Of what was observed: when its document last changed, nullopt where nobody knows. Of all else,
// and of what the demo simulates (in a time of its own, long ago): when the round was put together.
std::optional<absl::Time> SampleTime(const MetricRow& row, const TargetView& target,
                                     const View& view);

}  // namespace chatscale
