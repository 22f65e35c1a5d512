#include <gtest/gtest.h>

#include <string>

#include "exporter/metrics/naming.h"

namespace chatscale {
namespace {

TEST(CloudWatchText, Dimensions) {
  for (const std::string good : {"a", "a b", "~", "a:b"}) {
    EXPECT_TRUE(IsDimensionName(good)) << good;
    EXPECT_TRUE(IsDimensionValue(good)) << good;
  }
  EXPECT_TRUE(IsDimensionValue(":a"));
  EXPECT_FALSE(IsDimensionName(":a"));
  for (const std::string bad : {"", " ", "\t", "a\n", "ü", "\x7f"}) {
    EXPECT_FALSE(IsDimensionName(bad)) << bad;
    EXPECT_FALSE(IsDimensionValue(bad)) << bad;
  }
  EXPECT_TRUE(IsDimensionName(std::string(255, 'a')));
  EXPECT_FALSE(IsDimensionName(std::string(256, 'a')));
  EXPECT_TRUE(IsDimensionValue(std::string(1024, 'a')));
  EXPECT_FALSE(IsDimensionValue(std::string(1025, 'a')));
}

TEST(CloudWatchText, Namespaces) {
  for (const char* good : {"KDCube/Metrics", "a", "A.b-c_d/e#f:g h", "AWSome"}) {
    EXPECT_TRUE(IsNamespace(good)) << good;
  }
  for (const char* bad : {"", " ", ":a", "AWS/ECS", "a?b", "ü"})
    EXPECT_FALSE(IsNamespace(bad)) << bad;
  EXPECT_TRUE(IsNamespace(std::string(255, 'a')));
  EXPECT_FALSE(IsNamespace(std::string(256, 'a')));
}

}  // namespace
}  // namespace chatscale
