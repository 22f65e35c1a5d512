#include "exporter/sources/redis/name_lookup.h"

#include <gtest/gtest.h>

#include "exporter/core/error_kind.h"

namespace chatscale::redis {
namespace {

using Clock = std::chrono::steady_clock;

TEST(NameLookup, AnAddressIsItsOwnAnswer) {
  for (const char* address : {"127.0.0.1", "::1"}) {
    const auto found = NameLookup(address).Addresses(Clock::now() - std::chrono::hours(1));
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(*found, std::vector<std::string>{address});
  }
}

TEST(NameLookup, WhatTheResolverDoesNotSayInTimeIsAskedForOnce) {
  NameLookup lookup("localhost");
  EXPECT_EQ(KindOf(lookup.Addresses(Clock::now() - std::chrono::hours(1)).status()),
            ErrorKind::kTimeout);
  for (int i = 0; i < 2; ++i) {
    const auto found = lookup.Addresses(Clock::now() + std::chrono::seconds(20));
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_FALSE(found->empty());
  }
}

TEST(NameLookup, ANameThatIsNoneIsAFailureToConnect) {
  NameLookup lookup("no such host");
  EXPECT_EQ(KindOf(lookup.Addresses(Clock::now() + std::chrono::seconds(60)).status()),
            ErrorKind::kConnect);
}

}  // namespace
}  // namespace chatscale::redis
