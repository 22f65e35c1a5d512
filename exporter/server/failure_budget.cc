#include "exporter/server/failure_budget.h"

#include <algorithm>

namespace chatscale {
namespace {

double LeftNow(double left, absl::Time at, absl::Time now) {
  const double seconds = std::max(0.0, absl::ToDoubleSeconds(now - at));
  return std::min(FailureBudget::kAtOnce, left + seconds * FailureBudget::kPerSecond);
}

}  // namespace

FailureBudget::Budget& FailureBudget::Of(std::string_view address, absl::Time now) {
  if (!budgets_.contains(address) && budgets_.size() >= kMostAddresses) {
    std::erase_if(budgets_, [now](const auto& entry) {
      return LeftNow(entry.second.left, entry.second.at, now) >= kAtOnce;
    });
    if (budgets_.size() >= kMostAddresses) address = "";
  }
  Budget& budget = budgets_.try_emplace(std::string(address), Budget{kAtOnce, now}).first->second;
  budget.left = LeftNow(budget.left, budget.at, now);
  budget.at = now;
  return budget;
}

bool FailureBudget::Spend(std::string_view address, absl::Time now) {
  Budget& budget = Of(address, now);
  if (budget.left < 1) return false;
  budget.left -= 1;
  return true;
}

bool FailureBudget::HasFailed(std::string_view address, absl::Time now) const {
  const auto budget = budgets_.find(address);
  return budget != budgets_.end() && LeftNow(budget->second.left, budget->second.at, now) < kAtOnce;
}

void FailureBudget::Refund(std::string_view address, absl::Time now) {
  Budget& budget = Of(address, now);
  budget.left = std::min(kAtOnce, budget.left + 1);
}

}  // namespace chatscale
