// What is pushed as text: the families about the chat system, its advice and chatscale's own work,
// without those about the process, whose names belong to whoever is scraped in its place.
#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "exporter/metrics/families.h"
#include "exporter/metrics/publication.h"

namespace chatscale {

// Prometheus' text format.
std::string ChatFamilies(const Publication& publication);

// The families of one target, each with the time its values were true, for receivers that ask.

// The time is, of what was observed: when its document last changed; where nobody knows that, the
// family is left out. Of all else, and of what the demo simulates (in a time of its own, long ago):
// when the round was put together. `target` is one of the publication's.
void EachTimedFamily(const Publication& publication, const TargetView& target,
                     const std::function<void(const PublishedFamily&, absl::Time)>& take);

}  // namespace chatscale
