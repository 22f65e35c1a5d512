#include "exporter/web/access/credentials.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "exporter/web/access/password_hash.h"
#include "tests/support/password_hashes.h"

namespace chatscale {
namespace {

using Known = Credentials::Known;

TEST(PasswordHash, ReadsWhatHtpasswdWrites) {
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

TEST(PasswordHash, RefusesOthers) {
  const std::string good = kHashOfRight;
  for (const std::string& bad :
       {std::string(), std::string("right"), good + "x", good.substr(1), "$1" + good.substr(2),
        "$2x" + good.substr(3), "$2b$03" + good.substr(6), "$2b$16" + good.substr(6),
        "$2b$+4" + good.substr(6), "$2b$ 4" + good.substr(6), good.substr(0, 59) + "*"}) {
    EXPECT_FALSE(IsPasswordHash(bad)) << bad;
  }
}

TEST(Credentials, APasswordIsHashedOnceAndRemembered) {
  Credentials credentials({{"ann", kHashOfRight}}, std::nullopt);
  const std::string right = BasicAuthorization("ann:right");
  EXPECT_EQ(credentials.Recognise(right), Known::kUnsure);
  EXPECT_TRUE(credentials.Accepts(right));
  EXPECT_EQ(credentials.Recognise(right), Known::kGood);
  EXPECT_EQ(credentials.Recognise("bAsIc  " + right.substr(6)), Known::kUnsure);
  EXPECT_TRUE(credentials.Accepts("bAsIc  " + right.substr(6)));
  for (const char* wrong :
       {"ann:wrong", "ann:", "bob:right", ":right", "ANN:right", "ann:right:"}) {
    EXPECT_EQ(credentials.Recognise(BasicAuthorization(wrong)), Known::kUnsure) << wrong;
    EXPECT_FALSE(credentials.Accepts(BasicAuthorization(wrong))) << wrong;
    EXPECT_EQ(credentials.Recognise(BasicAuthorization(wrong)), Known::kUnsure) << wrong;
  }
}

TEST(Credentials, WhatIsNoPasswordIsRefusedAtOnce) {
  const Credentials credentials({{"ann", kHashOfRight}}, "t0ken");
  EXPECT_EQ(credentials.Recognise("Bearer t0ken"), Known::kGood);
  EXPECT_EQ(credentials.Recognise("bearer t0ken"), Known::kGood);
  for (const char* bad : {"", "Bearer", "Bearer ", "Bearer t0ken2", "Bearer t0ke", "Basic",
                          "Basic %", "Basic YW5u", "Digest x", "t0ken", "Bearert0ken"}) {
    EXPECT_EQ(credentials.Recognise(bad), Known::kBad) << bad;
  }
  EXPECT_EQ(Credentials({}, "t0ken").Recognise(BasicAuthorization("ann:right")), Known::kBad);
  EXPECT_FALSE(Credentials({}, std::nullopt).any());
}

// Also of those who do not exist: else it could be found out who does.
TEST(Credentials, AnUnknownUserTakesAsLong) {
  Credentials credentials({{"ann", kSlowHashOfRight}}, std::nullopt);
  const auto time = [&](const char* who) {
    absl::Duration best = absl::InfiniteDuration();
    for (int i = 0; i < 3; ++i) {
      const absl::Time start = absl::Now();
      EXPECT_FALSE(credentials.Accepts(BasicAuthorization(who)));
      best = std::min(best, absl::Now() - start);
    }
    return best;
  };
  const absl::Duration wrong = time("ann:wrong"), unknown = time("bob:wrong");
  EXPECT_LT(wrong, 3 * unknown);
  EXPECT_LT(unknown, 3 * wrong);
}

}  // namespace
}  // namespace chatscale
