// How targets and times are called on the page. Pure.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "exporter/model/target.h"

namespace chatscale {

// "?tenant=…&project=…"
std::string QueryOf(const Target& target);
// "tenant/project"; "this system" when the source does not say whose figures it has.
std::string NameOf(const Target& target);
// "3"; "?" when it is not known.
std::string CountOf(const std::optional<int>& replicas);
// "14:02:10 UTC"
std::string ClockTime(absl::Time at);

}  // namespace chatscale
