// Policy -> YAML text that the loader reads back to the same policy. Pure.
#pragma once

#include <string>

#include "recommender/policy.h"

namespace chatscale {

enum class PolicyComments { kNone, kFull };

// Every field, in the order of the table. With comments: unit, bounds, the guide's range and the
// sentence it comes from, as in the shipped files.
std::string PolicyYaml(const recommender::Policy& policy, PolicyComments comments);

}  // namespace chatscale
