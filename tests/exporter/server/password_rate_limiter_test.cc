#include <gtest/gtest.h>

#include "exporter/server/access.h"

namespace chatscale {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

int Tries(PasswordRateLimiter& budget, const std::string& address, absl::Time now) {
  int tries = 0;
  while (tries < 100 && budget.Spend(address, now)) ++tries;
  return tries;
}

TEST(PasswordRateLimiter, EachAddressHasARefillingBudget) {
  PasswordRateLimiter budget;
  EXPECT_EQ(Tries(budget, "10.0.0.1", kNow), 5);
  EXPECT_EQ(Tries(budget, "10.0.0.2", kNow), 5);
  EXPECT_EQ(Tries(budget, "10.0.0.1", kNow + absl::Seconds(2)), 2);
  EXPECT_EQ(Tries(budget, "10.0.0.1", kNow + absl::Hours(1)), 5);
  EXPECT_EQ(Tries(budget, "10.0.0.1", kNow), 0) << "a clock set back earns nothing";
}

TEST(PasswordRateLimiter, DistinguishesFailedFromNewAddresses) {
  PasswordRateLimiter budget;
  EXPECT_FALSE(budget.HasFailed("10.0.0.1", kNow));
  budget.Spend("10.0.0.1", kNow);
  EXPECT_TRUE(budget.HasFailed("10.0.0.1", kNow));
  EXPECT_FALSE(budget.HasFailed("10.0.0.2", kNow));
  EXPECT_FALSE(budget.HasFailed("10.0.0.1", kNow + absl::Seconds(2))) << "a second earns a try";
  budget.RecordFailure("10.0.0.1", kNow);
  EXPECT_TRUE(budget.HasFailed("10.0.0.1", kNow + absl::Minutes(9)));
  EXPECT_FALSE(budget.HasFailed("10.0.0.1", kNow + absl::Minutes(11)));
}

TEST(PasswordRateLimiter, RefundRestoresTheBudget) {
  PasswordRateLimiter budget;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(budget.Spend("a", kNow));
    budget.Refund("a", kNow);
  }
  EXPECT_EQ(Tries(budget, "a", kNow), 5);
}

TEST(PasswordRateLimiter, ExcessAddressesShareOneBudget) {
  PasswordRateLimiter budget;
  for (std::size_t i = 0; i < PasswordRateLimiter::kMostNetworks; ++i) {
    EXPECT_TRUE(budget.Spend(std::to_string(i), kNow));
  }
  EXPECT_EQ(Tries(budget, "new", kNow) + Tries(budget, "newer", kNow), 5);
  EXPECT_EQ(Tries(budget, "7", kNow), 4) << "who was there keeps his own";
  EXPECT_EQ(Tries(budget, "new", kNow + absl::Minutes(1)), 5) << "the others have earned theirs";
}

}  // namespace
}  // namespace chatscale
