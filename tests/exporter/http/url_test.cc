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

TEST(UrlName, IsEmptyForUnsupportedUrls) {
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

TEST(BaseUrlFrom, RejectsCredentialsQueriesAndInvalidHosts) {
  EXPECT_EQ(BaseUrlFrom("http://a:1/"), "http://a:1");
  EXPECT_EQ(BaseUrlFrom("https://a/base"), "https://a/base");
  for (const char* bad :
       {"", "a:1", "ftp://a", "http://", "http:///x", "http://u:p@a", "http://a?q", "http://a#f",
        "http://a b", "file:///etc/passwd", "http:/a", "http://a?", "http://:80", "http://a:0",
        "http://a:65536", "http://a:x", "http://a/x@y", "https://[::1", "http://a\\b"}) {
    EXPECT_EQ(BaseUrlFrom(bad), std::nullopt) << bad;
  }
}

TEST(BaseUrlFrom, AcceptsUserinfoIfEnabled) {
  EXPECT_EQ(BaseUrlFrom("http://a:1/", UserInUrl::kTaken), "http://a:1");
  EXPECT_EQ(BaseUrlFrom("https://u:p%40@a:1/base/", UserInUrl::kTaken), "https://u:p%40@a:1/base");
  for (const char* bad : {"", "u:p@a", "ftp://u:p@a", "http://@a", "http://u:p@", "http://u/x@a",
                          "http://u@v@a", "http://u:1/p@a", "http://u:p@a?q", "http://u p@a"}) {
    EXPECT_EQ(BaseUrlFrom(bad, UserInUrl::kTaken), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace chatscale
