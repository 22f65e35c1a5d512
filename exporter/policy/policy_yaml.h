// A policy as the YAML that ParsePolicies reads. Pure.
#pragma once

#include <string>

#include "recommender/policy.h"

namespace chatscale {

// Every field; with `comments`, each with what it does, its unit and its bounds.
std::string PolicyYaml(const recommender::Policy& policy, bool comments);

}  // namespace chatscale
