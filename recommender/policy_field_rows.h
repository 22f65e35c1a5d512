// The parts of the policy table; see policy_fields.h.
#pragma once

#include <vector>

#include "recommender/policy_fields.h"

namespace chatscale::recommender {

inline constexpr Range kUndocumented{1, 0};

std::vector<PolicyField> InputFields();
std::vector<PolicyField> IngressFields();
std::vector<PolicyField> ProcFields();
std::vector<PolicyField> BudgetFields();
std::vector<PolicyField> SloFields();

}  // namespace chatscale::recommender
