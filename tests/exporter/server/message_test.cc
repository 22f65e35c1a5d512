#include "exporter/server/message.h"

#include <gtest/gtest.h>

namespace chatscale {
namespace {

TEST(AcceptsGzip, FollowsQualityValues) {
  for (const char* yes : {"gzip", "GZIP", "deflate, gzip", "gzip;q=0.5", "gzip; q=1.0", "*",
                          "br, *;q=0.1", "identity, gzip;q=0.001", "*;q=0, gzip"}) {
    EXPECT_TRUE(AcceptsGzip(yes)) << yes;
  }
  for (const char* no : {"", "br", "identity", "gzip;q=0", "gzip;q=0.000", "*;q=0", "xgzip",
                         "gzipx", "br;q=gzip", "gzip;q=", "gzip;q=abc", "*, gzip;q=0"}) {
    EXPECT_FALSE(AcceptsGzip(no)) << no;
  }
}

}  // namespace
}  // namespace chatscale
