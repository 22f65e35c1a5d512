// The families of one target, each with the time its values were true, for receivers that ask.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "exporter/metrics/families.h"
#include "exporter/metrics/publication.h"

namespace chatscale {

// The time is, of what was observed: when its document last changed; where nobody knows that, the
// family is left out. Of all else, and of what the demo simulates (in a time of its own, long ago):
// when the round was put together. `target` is one of the publication's.
void EachTimedFamily(const Publication& publication, const TargetView& target,
                     const std::function<void(const PublishedFamily&, absl::Time)>& take);

}  // namespace chatscale
