#include <gtest/gtest.h>

#include "exporter/app/setting_value.h"

namespace chatscale {
namespace {

TEST(DurationFrom, TakesSecondsAndUnits) {
  EXPECT_EQ(DurationFrom("15"), absl::Seconds(15));
  EXPECT_EQ(DurationFrom("0.5"), absl::Milliseconds(500));
  EXPECT_EQ(DurationFrom("1m30s"), absl::Seconds(90));
  for (const char* bad : {"", "x", "15x", "nan", "inf", " 15", "15 "}) {
    EXPECT_EQ(DurationFrom(bad), std::nullopt) << bad;
  }
}

TEST(HostPortFrom, TakesNamesAndBothAddressFamilies) {
  EXPECT_EQ(HostPortFrom("127.0.0.1:80")->host, "127.0.0.1");
  EXPECT_EQ(HostPortFrom("[::1]:80")->host, "::1");
  EXPECT_EQ(HostPortFrom(":80")->host, "");
  EXPECT_EQ(HostPortFrom(":65535")->port, 65535);
  for (const char* bad : {"", "80", "::1:80", "h:", "h:65536", "h:-1", "h:8x"}) {
    EXPECT_FALSE(HostPortFrom(bad).has_value()) << bad;
  }
}

TEST(IsLabelName, FollowsPrometheusSyntax) {
  for (const char* good : {"a", "_", "Env_2"}) EXPECT_TRUE(IsLabelName(good)) << good;
  for (const char* bad : {"", "2a", "__name", "a-b", "ü", "a b"}) {
    EXPECT_FALSE(IsLabelName(bad)) << bad;
  }
}

TEST(TextMapFrom, TakesAFlatObject) {
  const auto map = TextMapFrom(R"({"b":"2","a":1,"c":true})");
  ASSERT_TRUE(map.has_value());
  EXPECT_EQ(*map, (std::vector<std::pair<std::string, std::string>>{
                      {"b", "2"}, {"a", "1"}, {"c", "true"}}));
  for (const char* bad : {"", "[]", "{", R"({"a":{}})", R"({"a":null})"}) {
    EXPECT_FALSE(TextMapFrom(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace chatscale
