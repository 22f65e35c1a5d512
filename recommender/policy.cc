#include "recommender/policy.h"

#include <algorithm>

namespace chatscale::recommender {

absl::Duration InWindow(const Policy& policy, Service service) {
  absl::Duration longest;
  for (const RuleRow& row : RuleRows(service)) {
    const RulePolicy& rule = policy.RuleOf(service, row);
    if (row.direction == Direction::kIn && rule.enabled) longest = std::max(longest, rule.duration);
  }
  return longest;
}

}  // namespace chatscale::recommender
