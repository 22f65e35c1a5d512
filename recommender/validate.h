// Whether a policy makes sense.
#pragma once

#include <string>
#include <vector>

#include "recommender/policy.h"

namespace chatscale::recommender {

// All faults, each a sentence that names the key, the value and what is allowed. Empty: valid.
std::vector<std::string> Validate(const Policy& policy);

}  // namespace chatscale::recommender
