#include <gtest/gtest.h>

#include "exporter/http/http_client.h"

namespace chatscale {
namespace {

TEST(UrlName, LeavesOutUserAndQuery) {
  EXPECT_EQ(UrlName("http://user:secret@Example.org/a/b?token=secret#secret"),
            "example.org:80/a/b");
  EXPECT_EQ(UrlName("https://10.0.0.1:8443"), "10.0.0.1:8443/");
  EXPECT_EQ(UrlName("http://[::1]:8080/x"), "[::1]:8080/x");
}

TEST(UrlName, IsEmptyForWhatWeDoNotFetch) {
  for (const char* url :
       {"", "ftp://host/", "file:///etc/passwd", "host/path", "http://", "http:"}) {
    EXPECT_EQ(UrlName(url), "") << url;
  }
}

TEST(SameOrigin, ComparesSchemeHostAndPort) {
  EXPECT_TRUE(SameOrigin("http://a/x", "http://A:80/y?z"));
  EXPECT_FALSE(SameOrigin("http://a/", "https://a/"));
  EXPECT_FALSE(SameOrigin("http://a/", "https://a:80/"));
  EXPECT_FALSE(SameOrigin("http://a/", "http://b/"));
  EXPECT_FALSE(SameOrigin("http://a/", "http://a:81/"));
  EXPECT_FALSE(SameOrigin("http://a/", "http://a@b/"));
  EXPECT_FALSE(SameOrigin("http://a/", ""));
}

}  // namespace
}  // namespace chatscale
