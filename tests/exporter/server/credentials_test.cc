#include "exporter/server/credentials.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "tests/support/password_hashes.h"

namespace chatscale {
namespace {

using Known = Credentials::Known;

TEST(PasswordHash, AcceptsHtpasswdBcrypt) {
  EXPECT_TRUE(IsPasswordHash(kHashOfRight));
  EXPECT_TRUE(PasswordMatches("right", kHashOfRight));
  EXPECT_FALSE(PasswordMatches("wrong", kHashOfRight));
  EXPECT_FALSE(PasswordMatches("", kHashOfRight));
  EXPECT_FALSE(PasswordMatches(std::string("right\0more", 10), kHashOfRight));
  std::string y = kHashOfRight;
  y[2] = 'y';
  EXPECT_TRUE(IsPasswordHash(y));
  EXPECT_TRUE(PasswordMatches("right", y));
}

TEST(PasswordHash, RejectsOtherHashFormats) {
  const std::string good = kHashOfRight;
  for (const std::string& bad :
       {std::string(), std::string("right"), good + "x", good.substr(1), "$1" + good.substr(2),
        "$2x" + good.substr(3), "$2b$03" + good.substr(6), "$2b$16" + good.substr(6),
        "$2b$+4" + good.substr(6), "$2b$ 4" + good.substr(6), good.substr(0, 59) + "*"}) {
    EXPECT_FALSE(IsPasswordHash(bad)) << bad;
  }
}

TEST(Credentials, VerifiedPasswordsAreCached) {
  Credentials credentials({{"ann", kHashOfRight}}, std::nullopt);
  const std::string right = BasicAuthorization("ann:right");
  EXPECT_EQ(credentials.CheckCached(right), Known::kUnsure);
  EXPECT_TRUE(credentials.Accepts(right));
  EXPECT_EQ(credentials.CheckCached(right), Known::kGood);
  EXPECT_EQ(credentials.CheckCached("bAsIc  " + right.substr(6)), Known::kUnsure);
  EXPECT_TRUE(credentials.Accepts("bAsIc  " + right.substr(6)));
  for (const char* wrong :
       {"ann:wrong", "ann:", "bob:right", ":right", "ANN:right", "ann:right:"}) {
    EXPECT_EQ(credentials.CheckCached(BasicAuthorization(wrong)), Known::kUnsure) << wrong;
    EXPECT_FALSE(credentials.Accepts(BasicAuthorization(wrong))) << wrong;
    EXPECT_EQ(credentials.CheckCached(BasicAuthorization(wrong)), Known::kUnsure) << wrong;
  }
}

TEST(Credentials, RejectsOtherSchemesWithoutHashing) {
  const Credentials credentials({{"ann", kHashOfRight}}, "t0ken");
  EXPECT_EQ(credentials.CheckCached("Bearer t0ken"), Known::kGood);
  EXPECT_EQ(credentials.CheckCached("bearer t0ken"), Known::kGood);
  for (const char* bad : {"", "Bearer", "Bearer ", "Bearer t0ken2", "Bearer t0ke", "Basic",
                          "Basic %", "Basic YW5u", "Digest x", "t0ken", "Bearert0ken"}) {
    EXPECT_EQ(credentials.CheckCached(bad), Known::kBad) << bad;
  }
  EXPECT_EQ(Credentials({}, "t0ken").CheckCached(BasicAuthorization("ann:right")), Known::kBad);
  EXPECT_FALSE(Credentials({}, std::nullopt).any());
}

TEST(Credentials, CacheSurvivesReloadForUnchangedHashes) {
  const std::string ann = BasicAuthorization("ann:right"), bob = BasicAuthorization("bob:right");
  Credentials before({{"ann", kHashOfRight}, {"bob", kHashOfRight}}, std::nullopt);
  EXPECT_TRUE(before.Accepts(ann));
  EXPECT_TRUE(before.Accepts(bob));
  const Credentials after({{"ann", kHashOfRight}, {"bob", kSlowHashOfRight}}, "t0ken", &before);
  EXPECT_EQ(after.CheckCached(ann), Known::kGood);
  EXPECT_EQ(after.CheckCached(bob), Known::kUnsure) << "another hash";
  EXPECT_EQ(after.CheckCached("Bearer t0ken"), Known::kGood);
  EXPECT_EQ(Credentials({{"bob", kHashOfRight}}, std::nullopt, &after).CheckCached(ann),
            Known::kUnsure)
      << "no user any more";
}

// Also of those who do not exist, and whatever their hash costs: else it could be found out who
// does.
TEST(Credentials, VerificationTimeDoesNotRevealUsers) {
  Credentials credentials({{"ann", kSlowHashOfRight}, {"abe", kHashOfRight}}, std::nullopt);
  const auto time = [&](const char* who) {
    absl::Duration best = absl::InfiniteDuration();
    for (int i = 0; i < 3; ++i) {
      const absl::Time start = absl::Now();
      EXPECT_FALSE(credentials.Accepts(BasicAuthorization(who)));
      best = std::min(best, absl::Now() - start);
    }
    return best;
  };
  const absl::Duration expensive = time("ann:wrong"), cheap = time("abe:wrong"),
                       unknown = time("bob:wrong");
  EXPECT_LT(expensive, 3 * unknown);
  EXPECT_LT(unknown, 3 * expensive);
  EXPECT_LT(expensive, 3 * cheap);
  EXPECT_LT(cheap, 3 * expensive);
}

}  // namespace
}  // namespace chatscale
