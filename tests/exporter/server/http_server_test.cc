#include "exporter/server/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "exporter/files/files.h"
#include "tests/support/counted.h"
#include "tests/support/gate.h"
#include "tests/support/tcp_client.h"
#include "tests/support/test_certificates.h"

namespace chatscale {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr absl::Duration kSoon = absl::Seconds(5);

// Bytes in the send queues of the connections that were accepted on the port: proc_net_tcp(5).
std::uint64_t KeptForClients(int port) {
  const std::string mine = absl::StrFormat("0100007F:%04X", port);
  std::uint64_t bytes = 0;
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string slot, local, remote, state, queues;
    fields >> slot >> local >> remote >> state >> queues;
    const bool established = state == "01";
    if (local == mine && established) bytes += std::strtoull(queues.c_str(), nullptr, 16);
  }
  return bytes;
}

// A server on a free port with a few routes; short deadlines keep the tests quick.
// Each test runs over HTTP and over HTTPS.
class HttpServerTest : public testing::TestWithParam<bool> {
 protected:
  HttpServerTest() {
    if (GetParam()) certificates_ = std::make_unique<TestCertificates>();
  }

  HttpServerOptions Options(HttpServerOptions options) {
    options.host = "127.0.0.1";
    options.port = 0;
    options.self = counted_.self();
    if (!certificates_) return options;
    tls_ = *TlsServer::Create(
        {.certificates = Read(certificates_->server.cert), .key = Read(certificates_->server.key)});
    options.tls = [this] { return tls_; };
    return options;
  }

  void Start(HttpServerOptions options = {}) {
    server_ = std::make_unique<HttpServer>(Options(std::move(options)));
    server_->Get("/hello", [this](const WebRequest&) {
      ++calls_;
      return TextResponse(200, "hello\n");
    });
    server_->Get("/echo", [](const WebRequest& request) {
      std::string text = request.Header("accept-encoding") + "|" + request.Header("range");
      for (const auto& [name, value] : request.query) text += "|" + name + "=" + value;
      return TextResponse(200, text);
    });
    server_->Get("/big",
                 [](const WebRequest&) { return TextResponse(200, std::string(32 << 20, 'x')); });
    server_->Get("/throws", [](const WebRequest&) -> WebResponse {
      throw std::runtime_error("secret detail");
    });
    server_->Get("/waits", [this](const WebRequest&) {
      ++waiting_;
      go_on_.Wait(absl::Seconds(10));
      return TextResponse(200, "waited\n");
    });
    server_->Get(
        "/scrape", [](const WebRequest&) { return TextResponse(200, "scraped"); },
        RouteGate::kScrape);
    server_->Get("/under/*",
                 [](const WebRequest& request) { return TextResponse(200, request.path); });
    server_->Post("/act", [](const WebRequest&) { return TextResponse(200, "done\n"); });
    const auto port = server_->Start();
    ASSERT_TRUE(port.ok()) << port.status();
    port_ = *port;
  }

  static std::string Read(const std::string& path) { return *ReadWholeFile(path, 1 << 20); }
  ClientTls Tls() const { return {certificates_ ? certificates_->authority.cert : ""}; }
  TcpClient Client() const { return TcpClient(port_, Tls()); }
  HttpReply Fetch(const std::string& target, const std::string& headers = "",
                  const std::string& method = "GET") const {
    return chatscale::Fetch(port_, target, headers, method, Tls());
  }

  Counted counted_;
  std::unique_ptr<TestCertificates> certificates_;
  std::shared_ptr<const TlsServer> tls_;
  std::atomic<int> calls_{0};
  std::atomic<int> waiting_{0};
  Gate go_on_;
  std::unique_ptr<HttpServer> server_;
  int port_ = 0;
};

TEST_P(HttpServerTest, AnnouncesKeepAliveTimeout) {
  Start({.deadlines = {.idle = milliseconds(42'000)}});
  TcpClient client = Client();
  client.Send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("\r\n\r\n", kSoon), HasSubstr("Keep-Alive: timeout=42,"));
}

TEST_P(HttpServerTest, SendsSecurityHeaders) {
  Start();
  const HttpReply reply = Fetch("/hello");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello\n");
  EXPECT_THAT(reply.head, HasSubstr("X-Content-Type-Options: nosniff"));
  EXPECT_THAT(reply.head, HasSubstr("Content-Security-Policy: default-src 'none'"));
}

TEST_P(HttpServerTest, HeadHasContentLengthAndNoBody) {
  Start();
  const HttpReply reply = Fetch("/hello", "", "HEAD");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
  EXPECT_THAT(reply.head, HasSubstr("Content-Length: 6"));
}

TEST_P(HttpServerTest, RejectsUnknownPathsAndMethods) {
  Start();
  EXPECT_EQ(Fetch("/nothing").status, 404);
  EXPECT_EQ(Fetch("/hello/").status, 404);
  EXPECT_EQ(Fetch("/../hello").status, 404);
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"}) {
    const HttpReply reply = Fetch("/hello", "", method);
    EXPECT_EQ(reply.status, 405) << method;
    EXPECT_THAT(reply.head, HasSubstr("Allow: GET, HEAD")) << method;
  }
  EXPECT_EQ(Fetch("/act").status, 405);
  EXPECT_EQ(Fetch("/act", "", "POST").status, 200);
  EXPECT_EQ(Fetch("/hello", "", "PROPFIND").status, 400);
}

TEST_P(HttpServerTest, RoutesByPathPrefix) {
  Start();
  EXPECT_EQ(Fetch("/under/a/b%2Fc").body, "/under/a/b/c");
  EXPECT_EQ(Fetch("/under/" + std::string(300, 'x')).status, 200);
  EXPECT_EQ(Fetch("/under/" + std::string(301, 'x')).status, 404) << "matched by recursion";
  EXPECT_EQ(Fetch("/under/").status, 404);
  EXPECT_EQ(Fetch("/under").status, 404);
}

TEST_P(HttpServerTest, HandlerExceptionIs500WithoutDetails) {
  Start();
  const HttpReply reply = Fetch("/throws");
  EXPECT_EQ(reply.status, 500);
  EXPECT_THAT(reply.head + reply.body, Not(HasSubstr("secret")));
}

TEST_P(HttpServerTest, LeavesCompressionAndRangesToTheHandler) {
  Start();
  const HttpReply reply =
      Fetch("/echo?a=1&b=%3Cx%3E", "Accept-Encoding: br\r\nRange: bytes=0-1\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "br||a=1|b=<x>");
}

TEST_P(HttpServerTest, KeepsConnectionsAlive) {
  Start();
  std::vector<TcpClient> idle;
  for (int i = 0; i < 50; ++i) {
    idle.push_back(Client());
    idle.back().Send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(idle.back().ReadUntil("hello\n", kSoon), HasSubstr("200 OK"));
  }
  EXPECT_LT(Fetch("/hello").took, absl::Seconds(1));
  idle.front().Send(
      "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /echo?two HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(idle.front().ReadUntil("two=", kSoon), HasSubstr("hello\n"));
}

TEST_P(HttpServerTest, RequestBodyIsNotParsedAsARequest) {
  Start();
  TcpClient client = Client();
  const std::string body = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
  client.Send("GET /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n");
  absl::SleepFor(absl::Milliseconds(50));
  client.Send(body);
  client.ReadUntil("|", kSoon);
  EXPECT_EQ(client.ReadUntil("hello", absl::Milliseconds(200)), "");
  EXPECT_EQ(calls_, 0);
}

TEST_P(HttpServerTest, RejectsChunkedRequestBodies) {
  Start();
  TcpClient client = Client();
  client.Send("POST /act HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_THAT(client.ReadAll(kSoon), HasSubstr("411 Length Required"));
  EXPECT_EQ(counted_.Rejected("malformed"), 1);
}

TEST_P(HttpServerTest, RejectsOversizedRequestHeads) {
  Start();
  EXPECT_EQ(Fetch("/hello", "A: " + std::string(20'000, 'x') + "\r\n").status, 431);
  std::string many;
  for (int i = 0; i < 5'000; ++i) many += "A: b\r\n";
  EXPECT_EQ(Fetch("/hello", many).status, 431);
  EXPECT_EQ(counted_.Rejected("too_large"), 2);
}

TEST_P(HttpServerTest, ThousandSlowClientsDoNotDelayResponses) {
  Start({.deadlines = {.read = milliseconds(3'000)}});
  std::vector<TcpClient> slow;
  for (int i = 0; i < 1'000; ++i) {
    slow.push_back(Client());
    slow.back().Send("GET /hello HT");
  }
  for (int i = 0; i < 10; ++i) {
    const HttpReply reply = Fetch("/hello");
    EXPECT_EQ(reply.status, 200);
    EXPECT_LT(reply.took, absl::Seconds(1));
  }
  // Where handshakes take long, the first are past their deadline before the last come.
  EXPECT_GE(counted_.Rejected("evicted") + counted_.Rejected("slow"), 400);
  const absl::Time start = absl::Now();
  while (counted_.Rejected("slow") < 400 && absl::Now() - start < absl::Seconds(10)) {
    slow.back().Send("T");  // a byte now and then buys no time
    absl::SleepFor(absl::Milliseconds(100));
  }
  EXPECT_GE(counted_.Rejected("slow"), 400);
  EXPECT_TRUE(slow.back().Closed(kSoon));
}

TEST_P(HttpServerTest, StalledReaderTimesOut) {
  Start({.deadlines = {.write = milliseconds(300)}});
  TcpClient client = Client();
  client.Send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  const absl::Time start = absl::Now();
  while (counted_.Rejected("slow") == 0 && absl::Now() - start < absl::Seconds(10)) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_EQ(counted_.Rejected("slow"), 1);
}

TEST_P(HttpServerTest, KernelSendBufferIsBounded) {
  Start();
  TcpClient client = Client();
  client.Send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("200 OK", kSoon), HasSubstr("200 OK"));
  std::uint64_t before = 0, kept = KeptForClients(port_);
  for (int i = 0; i < 50 && (kept == 0 || kept != before); ++i) {
    absl::SleepFor(absl::Milliseconds(100));
    before = std::exchange(kept, KeptForClients(port_));
  }
  EXPECT_GT(kept, 0u);
  EXPECT_LT(kept, 600'000u);  // 512 KiB, and one segment beyond it
}

TEST_P(HttpServerTest, BusyConnectionIsEvictedAfterItsResponse) {
  Start({.max_connections = 2});
  std::vector<TcpClient> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(Client());
    busy.back().Send("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  while (waiting_ < 2) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(Fetch("/scrape").body, "scraped");
  EXPECT_EQ(counted_.Rejected("evicted"), 1);
  go_on_.Open();
  int closed = 0;
  for (TcpClient& client : busy) {
    EXPECT_THAT(client.ReadUntil("waited\n", kSoon), HasSubstr("200 OK"));
    closed += client.Closed(absl::Milliseconds(500)) ? 1 : 0;
  }
  EXPECT_EQ(closed, 1);
}

// Eight connections that are being handled may be evicted at once; then the others wait.
TEST_P(HttpServerTest, RejectsNewConnectionWhenAllHandlersHang) {
  Start({.max_connections = 2, .gate = {.running = 64}});
  std::vector<TcpClient> busy;
  for (int i = 0; i < 10; ++i) {
    busy.push_back(Client());
    busy.back().Send("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
    while (waiting_ <= i) absl::SleepFor(absl::Milliseconds(1));
  }
  TcpClient another(port_);
  EXPECT_TRUE(another.Closed(kSoon));
  EXPECT_EQ(counted_.Rejected("full"), 1);
  go_on_.Open();
  EXPECT_THAT(busy[0].ReadUntil("waited\n", kSoon), HasSubstr("200 OK"));
}

TEST_P(HttpServerTest, StopsInTimeWithSlowClients) {
  Start();
  std::vector<TcpClient> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(Client());
    clients.back().Send("GET");
  }
  const absl::Time start = absl::Now();
  server_->Stop();
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  EXPECT_FALSE(TcpClient(port_).connected());
}

TEST_P(HttpServerTest, PortInUseIsAnError) {
  Start();
  HttpServer second({.host = "127.0.0.1", .port = port_});
  const auto port = second.Start();
  ASSERT_FALSE(port.ok());
  EXPECT_THAT(std::string(port.status().message()),
              HasSubstr("127.0.0.1:" + std::to_string(port_) + ": Address already in use"));
}

TEST_P(HttpServerTest, CountsRequests) {
  Start();
  Fetch("/hello");
  Fetch("/hello");
  Fetch("/nothing");
  EXPECT_EQ(counted_.Requests("/hello", 200), 2);
  EXPECT_EQ(counted_.Requests("other", 404), 1);
}

TEST_P(HttpServerTest, StalledReadersDoNotBlockOthers) {
  Start({.max_connections = 16});
  std::vector<std::unique_ptr<TcpClient>> stalled;
  int answered = 0;
  for (int i = 0; i < 60; ++i) {
    auto client = std::make_unique<TcpClient>(Client());
    std::string requests;
    for (int n = 0; n < 100; ++n) requests += "GET /big HTTP/1.1\r\nHost: a\r\n\r\n";
    client->Send(requests);
    stalled.push_back(std::move(client));
    if (i % 5 == 4) answered += Fetch("/hello").status == 200 ? 1 : 0;
  }
  EXPECT_EQ(answered, 12);
  EXPECT_GT(counted_.Rejected("evicted"), 0);
}

TEST_P(HttpServerTest, UnsentBytesStayWithinBudget) {
  Start({.max_unsent_bytes = 80UL << 20});  // /big makes 32 MB for each request; 8 are always kept
  std::vector<std::unique_ptr<TcpClient>> stalled;
  for (int i = 0; i < 14; ++i) {
    stalled.push_back(std::make_unique<TcpClient>(Client()));
    stalled.back()->Send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  const absl::Time deadline = absl::Now() + kSoon;
  while (counted_.Rejected("evicted") < 6 && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_EQ(counted_.Rejected("evicted"), 6);
  EXPECT_EQ(Fetch("/hello").status, 200);
}

TEST_P(HttpServerTest, ResponsesHaveDateAndNoAcceptRanges) {
  Start();
  for (const char* path : {"/hello", "/scrape"}) {
    const std::string headers = Fetch(path, "Range: bytes=0-1\r\n").head + "\r\n";
    EXPECT_THAT(headers, HasSubstr(" GMT\r\n")) << path;
    EXPECT_THAT(headers, Not(HasSubstr("Accept-Ranges: bytes"))) << path;
  }
}

TEST_P(HttpServerTest, AcceptsAbsoluteFormRequestTarget) {
  Start();
  for (const char* target : {"http://a/hello", "HTTP://a:80/hello?x=1", "https://u@a/hello"}) {
    TcpClient client = Client();
    client.Send(std::string("GET ") + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(client.ReadAll(kSoon), HasSubstr("hello")) << target;
  }
  TcpClient client = Client();
  client.Send("GET http://a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.ReadAll(kSoon), HasSubstr("404"));
}

// While all turns are taken.
TEST_P(HttpServerTest, ScrapesBypassTheRequestQueue) {
  Start({.gate = {.running = 2}});
  std::vector<std::unique_ptr<TcpClient>> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.push_back(std::make_unique<TcpClient>(Client()));
    waiting.back()->Send("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  while (waiting_ < 2) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_EQ(Fetch("/scrape").body, "scraped");
  EXPECT_EQ(Fetch("/scrape?x=1").body, "scraped");
  EXPECT_EQ(counted_.Requests("/scrape", 200), 2);
  go_on_.Open();
}

TEST_P(HttpServerTest, AllPipelinedRequestsGetResponses) {
  Start();
  TcpClient client = Client();
  std::string requests;
  for (int n = 0; n < 500; ++n) requests += "GET /scrape HTTP/1.1\r\nHost: a\r\n\r\n";
  client.Send(requests + "GET /scrape HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answers = client.ReadAll(kSoon);
  int count = 0;
  for (auto at = answers.find("scraped"); at != answers.npos;
       at = answers.find("scraped", at + 1)) {
    ++count;
  }
  EXPECT_EQ(count, 501);
}

using HttpsServerTest = HttpServerTest;

// OpenSSL would allocate what it announces.
TEST_P(HttpsServerTest, RejectsOversizedClientHello) {
  Start();
  TcpClient client(port_);
  client.Send(std::string_view("\x16\x03\x01\x00\x04\x01\x00\x40\x01", 9));
  EXPECT_TRUE(client.Closed(absl::Seconds(3)));
  EXPECT_EQ(counted_.Rejected("tls"), 1);
}

TEST_P(HttpsServerTest, KeyUpdatesDoNotExtendTheDeadline) {
  Start({.deadlines = {.read = milliseconds(500)}});
  TcpClient client = Client();
  client.Send("GET /hello HT");
  const absl::Time start = absl::Now();
  while (client.UpdateKeys() && absl::Now() - start < kSoon) {
  }
  EXPECT_LT(absl::Now() - start, kSoon);
  EXPECT_EQ(counted_.Rejected("slow"), 1);
}

INSTANTIATE_TEST_SUITE_P(OverTls, HttpsServerTest, testing::Values(true));
INSTANTIATE_TEST_SUITE_P(Over, HttpServerTest, testing::Bool(),
                         [](const auto& over) { return over.param ? "Https" : "Http"; });

}  // namespace
}  // namespace chatscale
