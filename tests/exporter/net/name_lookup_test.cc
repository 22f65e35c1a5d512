#include <gtest/gtest.h>

#include <atomic>

#include "exporter/model/error_kind.h"
#include "exporter/net/socket.h"
#include "tests/support/gate.h"

namespace chatscale {
namespace {

using SteadyClock = std::chrono::steady_clock;

TEST(NameLookup, IpAddressResolvesToItself) {
  for (const char* address : {"127.0.0.1", "::1"}) {
    const auto found = NameLookup(address).Addresses(SteadyClock::now() - std::chrono::hours(1));
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(*found, std::vector<std::string>{address});
  }
}

TEST(NameLookup, ResolvesLocalhost) {
  const auto found =
      NameLookup("localhost").Addresses(SteadyClock::now() + std::chrono::seconds(20));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_FALSE(found->empty());
}

TEST(NameLookup, HungResolverIsQueriedOnceWithinDeadline) {
  const auto gate = std::make_shared<Gate>();
  const auto asked = std::make_shared<std::atomic<int>>(0);
  NameLookup lookup("db", [gate, asked](const std::string&, std::vector<std::string>& addresses) {
    ++*asked;
    gate->Wait(absl::Seconds(20));
    addresses.emplace_back("10.0.0.1");
    return absl::OkStatus();
  });
  for (int i = 0; i < 3; ++i) {
    const SteadyClock::time_point start = SteadyClock::now();
    const auto found = lookup.Addresses(start + std::chrono::milliseconds(30));
    EXPECT_EQ(KindOf(found.status()), ErrorKind::kTimeout);
    EXPECT_LT(SteadyClock::now() - start, std::chrono::seconds(5));
  }
  gate->Open();
  const auto found = lookup.Addresses(SteadyClock::now() + std::chrono::seconds(20));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(*found, std::vector<std::string>{"10.0.0.1"});
  EXPECT_EQ(*asked, 1);
}

TEST(NameLookup, InvalidNameIsAConnectError) {
  NameLookup lookup("no such host");
  EXPECT_EQ(KindOf(lookup.Addresses(SteadyClock::now() + std::chrono::seconds(60)).status()),
            ErrorKind::kConnect);
}

}  // namespace
}  // namespace chatscale
