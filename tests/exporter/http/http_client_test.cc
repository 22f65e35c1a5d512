#include "exporter/http/http_client.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <thread>
#include <vector>

#include "exporter/model/error_kind.h"
#include "tests/support/stub_behaviours.h"

namespace chatscale {
namespace {

constexpr char kCanary[] = "canary-5d41402a";

// A request that is full of secrets.
HttpRequest SecretRequest(const std::string& base_url) {
  std::string url = base_url + "/path?key=" + kCanary;
  url.insert(url.find("//") + 2, std::string("user:") + kCanary + "@");
  return {.method = "GET", .url = url, .headers = {{"X-Token", kCanary}}, .body = kCanary};
}

struct Fault {
  const char* name;
  StubBehaviour behaviour;
  ErrorKind kind;
  absl::Duration timeout = kPlenty;
};

const std::vector<Fault>& Faults() {
  using enum ErrorKind;
  static const std::vector<Fault> faults = {
      {"Hang", stub::Hang(), kTimeout, absl::Milliseconds(300)},
      {"HangAfterHeaders", stub::HangAfterHeaders(), kTimeout, absl::Milliseconds(300)},
      {"OneByteASecond", stub::Drip(absl::Seconds(1)), kTimeout, absl::Milliseconds(300)},
      {"OneByteIn20Ms", stub::Drip(absl::Milliseconds(20)), kTimeout, absl::Milliseconds(300)},
      {"Unauthorized", stub::Status(401, kCanary), kAuth},
      {"Forbidden", stub::Status(403, kCanary), kAuth},
      {"ServerError", stub::Status(500, kCanary), kHttp},
      {"NotFound", stub::Status(404, kCanary), kHttp},
      {"NotModified", stub::Raw("HTTP/1.1 304 Not Modified\r\n\r\n"), kHttp},
      {"TruncatedBody", stub::TruncatedBody(kCanary), kTruncated},
      {"TruncatedChunks", stub::TruncatedChunks(kCanary), kTruncated},
      {"ClosedAtOnce", stub::Raw(""), kTruncated},
      {"ClosedWithinStatusLine", stub::Raw("HTTP/1.1 20"), kTruncated},
      {"ClosedWithinHeaders", stub::Raw("HTTP/1.1 200 OK\r\nContent-Ty"), kTruncated},
      {"ClosedAfterContinue", stub::Raw("HTTP/1.1 100 Continue\r\n\r\n"), kTruncated},
      {"OneGibibyte", stub::EndlessBody(true), kTooLarge},
      {"EndlessBody", stub::EndlessBody(false), kTooLarge},
      {"GzipBomb", stub::GzipBomb(), kTooLarge},
      {"EndlessHeaders", stub::HugeHeaders(), kTooLarge},
      {"OneLongHeader", stub::Raw("HTTP/1.1 200 OK\r\nX: " + std::string(90000, 'x') + "\r\n\r\n"),
       kTooLarge},
      {"NotHttp", stub::Raw("SSH-2.0-OpenSSH_9.2 canary\r\n"), kProtocol},
      {"JsonWithoutHttp", stub::Raw(R"({"queue": "canary-5d41402a"})"), kProtocol},
      {"BrokenGzip", stub::Raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\ncanary-5d41402a"),
       kProtocol},
      {"UnknownEncoding", stub::Raw("HTTP/1.1 200 OK\r\nContent-Encoding: lzw\r\n\r\nabc"),
       kProtocol},
      {"BrokenChunk",
       stub::Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\ncanary"), kProtocol},
  };
  return faults;
}

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

class FaultTest : public testing::TestWithParam<Fault> {};

TEST_P(FaultTest, MapsToErrorKindInTimeWithoutSecrets) {
  StubServer server(GetParam().behaviour);
  HttpClient client({});
  const auto start = std::chrono::steady_clock::now();
  const auto answer = client.Send(SecretRequest(server.url()), GetParam().timeout);
  const auto spent = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(ErrorKindName(KindOf(answer.status())), ErrorKindName(GetParam().kind))
      << answer.status();
  if (GetParam().timeout < kPlenty) {
    EXPECT_LT(spent, std::chrono::milliseconds(900));
  }
  const std::string text = answer.status().ToString();
  EXPECT_EQ(text.find("canary"), std::string::npos) << text;
  EXPECT_NE(text.find("GET 127.0.0.1:" + std::to_string(server.port()) + "/path: "),
            std::string::npos)
      << text;
}

INSTANTIATE_TEST_SUITE_P(Http, FaultTest, testing::ValuesIn(Faults()),
                         [](const auto& fault) { return std::string(fault.param.name); });

TEST(HttpClient, ReturnsResponseAndSendsHeaders) {
  StubServer server(stub::Answer("{}"));
  HttpClient client({});
  const auto answer =
      client.Get(server.url() + "/a?b=c", {{"X-One", "1"}, {"X-Empty", ""}}, kPlenty);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "{}");
  const StubRequest request = server.Requests().at(0);
  EXPECT_EQ(request.target, "/a?b=c");
  EXPECT_EQ(request.Header("x-one"), "1");
  EXPECT_EQ(request.Header("x-empty"), "");
  EXPECT_EQ(request.Header("accept-encoding"), "gzip, br");
  EXPECT_TRUE(request.Header("user-agent").value_or("").starts_with("chatscale/"));
}

TEST(HttpClient, AcceptsEmptyResponseBody) {
  StubServer server(stub::Answer(""));
  EXPECT_EQ(HttpClient({}).Get(server.url(), {}, kPlenty)->body, "");
}

TEST(HttpClient, UnpacksGzip) {
  StubServer server(stub::Gzipped(std::string(100000, 'x')));
  EXPECT_EQ(HttpClient({}).Get(server.url(), {}, kPlenty)->body, std::string(100000, 'x'));
}

TEST(HttpClient, BodyLimitIsInclusive) {
  StubServer server(stub::Answer(std::string(1000, 'x')));
  EXPECT_TRUE(HttpClient({.max_body_bytes = 1000}).Get(server.url(), {}, kPlenty).ok());
  const auto over = HttpClient({.max_body_bytes = 999}).Get(server.url(), {}, kPlenty);
  EXPECT_EQ(KindOf(over.status()), ErrorKind::kTooLarge);
}

TEST(HttpClient, RefusedConnectionAndUnknownHostAreConnectErrors) {
  HttpClient client({});
  const std::string closed = "http://127.0.0.1:" + std::to_string(ClosedPort());
  const auto refused = client.Send(SecretRequest(closed), kPlenty);
  EXPECT_EQ(KindOf(refused.status()), ErrorKind::kConnect) << refused.status();
  EXPECT_EQ(refused.status().ToString().find("canary"), std::string::npos);
  const auto unknown = client.Get("http://chatscale.invalid/", {}, kPlenty);
  EXPECT_EQ(KindOf(unknown.status()), ErrorKind::kConnect) << unknown.status();
}

TEST(HttpClient, Non2xxIsErrorFromSendAndResponseFromExchange) {
  StubServer server(stub::Status(429, "slow down"));
  HttpClient client({});
  const HttpRequest request{.url = server.url()};
  const auto error = client.Send(request, kPlenty);
  EXPECT_EQ(HttpStatusOf(error.status()), 429);
  const auto answer = client.Exchange(request, kPlenty);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 429);
  EXPECT_EQ(answer->body, "slow down");
}

TEST(HttpClient, SendsBodiesWithPostPutAndDelete) {
  StubServer server(stub::Status(202));
  HttpClient client({});
  const std::string large(2 << 20, 'x');  // where libcurl would ask with Expect first
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    ASSERT_TRUE(client
                    .Send({.method = method,
                           .url = server.url(),
                           .headers = {{"Content-Type", "text/plain"}},
                           .body = large},
                          kPlenty)
                    .ok());
    const StubRequest request = server.Requests().back();
    EXPECT_EQ(request.method, method);
    EXPECT_EQ(request.body, large);
    EXPECT_EQ(request.Header("content-type"), "text/plain");
    EXPECT_EQ(request.Header("expect"), std::nullopt);
  }
  for (const char* method : {"POST", "DELETE", "HEAD"}) {
    ASSERT_TRUE(client.Send({.method = method, .url = server.url()}, kPlenty).ok());
    EXPECT_EQ(server.Requests().back().method, method);
    EXPECT_EQ(server.Requests().back().body, "");
    EXPECT_EQ(server.Requests().back().Header("content-type"), std::nullopt);
  }
}

TEST(HttpClient, RejectsInvalidRequests) {
  StubServer server(stub::Answer("{}"));
  HttpClient client({});
  for (const HttpRequest& request :
       {HttpRequest{.url = "file:///etc/passwd"}, HttpRequest{.url = ""},
        HttpRequest{.method = "GET /x", .url = server.url()},
        HttpRequest{.url = server.url() + "/a\r\nX: y"},
        HttpRequest{.url = server.url(), .headers = {{"A", "b\r\nC: d"}}},
        HttpRequest{.url = server.url(), .headers = {{"A: b", "c"}}}}) {
    EXPECT_EQ(KindOf(client.Send(request, kPlenty).status()), ErrorKind::kInternal);
  }
  EXPECT_TRUE(server.Requests().empty());
}

TEST(HttpClient, LaterCallsReuseTheConnection) {
  StubServer server(stub::Answer("{}"));
  HttpClient client({});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.Get(server.url(), {}, kPlenty).ok());
  EXPECT_EQ(server.Connections(), 1);
}

TEST(HttpClient, ConcurrentCallsDoNotWaitForEachOther) {
  StubServer slow(stub::Hang());
  StubServer quick(stub::Answer("{}"));
  HttpClient client({});
  std::thread waiting([&] {
    EXPECT_EQ(KindOf(client.Get(slow.url(), {}, absl::Seconds(1)).status()), ErrorKind::kTimeout);
  });
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(client.Get(quick.url(), {}, kPlenty).ok());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(800));
  waiting.join();
}

TEST(HttpClient, UsesEnvironmentProxiesOnlyIfEnabled) {
  const StubServer server(stub::Answer("{}"));
  const StubServer proxy(stub::Status(500));
  const HttpClientOptions through = {.environment_proxy = true};
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  ::setenv("all_proxy", proxy.url().c_str(), 1);
  EXPECT_TRUE(HttpClient({}).Get(server.url(), {}, kPlenty).ok());
  EXPECT_EQ(proxy.Connections(), 0);
  EXPECT_FALSE(HttpClient(through).Get("http://nowhere.invalid/a", {}, kPlenty).ok());
  ASSERT_EQ(proxy.Requests().size(), 1);
  EXPECT_EQ(proxy.Requests()[0].target, "http://nowhere.invalid/a");
  ::setenv("no_proxy", "127.0.0.0/8", 1);
  EXPECT_TRUE(HttpClient(through).Get(server.url(), {}, kPlenty).ok());
  ::setenv("https_proxy", "http://nowhere.invalid", 1);
  EXPECT_EQ(KindOf(HttpClient(through).Get("https://a.invalid", {}, kPlenty).status()),
            ErrorKind::kConnect);
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}) ::unsetenv(name);
}

}  // namespace
}  // namespace chatscale
