// How often an address may have a password checked: guesses cost us a hash each. Pure but for what
// it remembers; one thread at a time.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace chatscale {

class FailureBudget {
 public:
  static constexpr double kAtOnce = 5;
  static constexpr double kPerSecond = 1;
  static constexpr std::size_t kMostAddresses = 1'024;  // all others share one budget

  // Takes one try; false when none is left.
  bool Spend(std::string_view address, absl::Time now);
  // It has failed, or asks for the second time at once.
  bool HasFailed(std::string_view address, absl::Time now) const;
  // It was no guess.
  void Refund(std::string_view address, absl::Time now);

 private:
  struct Budget {
    double left = kAtOnce;
    absl::Time at;
  };
  Budget& Of(std::string_view address, absl::Time now);

  std::map<std::string, Budget, std::less<>> budgets_;
};

}  // namespace chatscale
