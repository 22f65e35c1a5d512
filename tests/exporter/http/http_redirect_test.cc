#include <gtest/gtest.h>

#include "exporter/http/http_client.h"
#include "exporter/model/error_kind.h"
#include "tests/support/stub_behaviours.h"

namespace chatscale {
namespace {

const Headers kSecret = {{"Authorization", "Bearer canary"}};

TEST(Redirect, IsFollowedOnTheSameServer) {
  StubServer server(stub::Redirect("/old", "/new", "{}"));
  const auto answer = HttpClient({}).Get(server.url() + "/old", kSecret, kPlenty);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "{}");
  ASSERT_EQ(server.Requests().size(), 2U);
  EXPECT_EQ(server.Requests()[1].target, "/new");
  EXPECT_EQ(server.Requests()[1].Header("authorization"), "Bearer canary");
}

TEST(Redirect, CrossOriginIsRejectedWithoutConnecting) {
  StubServer other(stub::Answer("{}"));
  const std::string port = std::to_string(other.port());
  for (const std::string& location :
       {"http://127.0.0.1:" + port, "http://localhost:" + port, "https://127.0.0.1:" + port,
        "//127.0.0.1:" + port + "/new", std::string("file:///etc/passwd")}) {
    StubServer server(stub::Redirect("/old", location, "{}"));
    const auto answer = HttpClient({}).Get(server.url() + "/old", kSecret, kPlenty);
    EXPECT_EQ(KindOf(answer.status()), ErrorKind::kHttp) << location << " " << answer.status();
    EXPECT_EQ(HttpStatusOf(answer.status()), 302);
    EXPECT_EQ(answer.status().ToString().find("canary"), std::string::npos);
    EXPECT_EQ(server.Requests().size(), 1U);
  }
  EXPECT_EQ(other.Connections(), 0);
}

TEST(Redirect, LoopIsBounded) {
  StubServer server(stub::Redirect("/old", "/old", "{}"));
  const auto answer = HttpClient({}).Get(server.url() + "/old", {}, kPlenty);
  EXPECT_EQ(KindOf(answer.status()), ErrorKind::kHttp);
  EXPECT_EQ(server.Requests().size(), 4U);
}

TEST(Redirect, TheTimeoutCoversAllHops) {
  StubServer server([](const StubRequest&, StubConnection& connection) {
    connection.Pause(absl::Milliseconds(200));
    return connection.Write("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n");
  });
  const auto answer = HttpClient({}).Get(server.url(), {}, absl::Milliseconds(300));
  EXPECT_EQ(KindOf(answer.status()), ErrorKind::kTimeout) << answer.status();
  EXPECT_LE(server.Requests().size(), 2U);
}

TEST(Redirect, IsNotFollowedForPost) {
  StubServer server(stub::Redirect("/old", "/new", "{}"));
  const auto answer =
      HttpClient({}).Send({.method = "POST", .url = server.url() + "/old", .body = "x"}, kPlenty);
  EXPECT_EQ(HttpStatusOf(answer.status()), 302);
  EXPECT_EQ(server.Requests().size(), 1U);
}

}  // namespace
}  // namespace chatscale
