// What strangers try on a listener, over HTTP and HTTPS: each is survived, cheap, and answered by
// nothing that tells or does more than it should.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <iostream>
#include <random>
#include <utility>

#include "absl/time/clock.h"
#include "tests/e2e/program.h"
#include "tests/support/fixtures.h"
#include "tests/support/stub_behaviours.h"
#include "tests/support/stub_server.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace chatscale {
namespace {

using testing::HasSubstr;
using testing::Not;

// The sanitizers keep a shadow of all memory, and a megabyte and more for each thread.
#if defined(__SANITIZE_THREAD__)
constexpr double kMegabyte = 16;
#elif defined(__SANITIZE_ADDRESS__)
constexpr double kMegabyte = 3;
#else
constexpr double kMegabyte = 1;
#endif

std::string Times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

std::string Get(const std::string& target, const std::string& headers = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers + "\r\n";
}

// A connection from an address of this machine; nothing is sent.
class RawSocket {
 public:
  RawSocket(int port, const char* from) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    ::inet_pton(AF_INET, from, &address.sin_addr);
    ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) Close();
  }
  ~RawSocket() { Close(); }
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RawSocket& operator=(RawSocket&&) = delete;
  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

class AttackE2e : public testing::TestWithParam<bool> {
 protected:
  // False where it does not come up; with the demo, unless told otherwise.
  bool Serve(Variables variables = {{"METRICS_MODE", "demo"}},
             const std::vector<std::string>& through = {}) {
    // Else it keeps what was freed, to find who still uses it, and gives nothing back for seconds.
    variables.emplace_back(
        "ASAN_OPTIONS",
        "verify_asan_link_order=0:quarantine_size_mb=1:thread_local_quarantine_size_kb=16:"
        "allocator_release_to_os_interval_ms=0");
    if (GetParam()) {
      certificates_ = std::make_unique<TestCertificates>();
      tls_.ca = certificates_->authority.cert;
      variables.emplace_back(
          "METRICS_WEB_CONFIG_FILE",
          folder_.Write("web.yml", "tls_server_config: {cert_file: " + certificates_->server.cert +
                                       ", key_file: " + certificates_->server.key + "}\n"));
    }
    program_ = StartChatscale(std::move(variables), {}, through);
    return program_.listening();
  }

  TcpClient Client() const { return TcpClient(program_.port(), tls_); }
  HttpReply Fetch(const std::string& target, const std::string& headers = "") const {
    return chatscale::Fetch(program_.port(), target, headers, "GET", tls_);
  }
  double Figure(const std::string& series) const {
    const std::string text = ValueOf(Fetch("/metrics").body, series);
    return text.empty() ? -1 : std::stod(text);
  }
  // Waits until they are so few: the last who left are noticed a moment later.
  double OpenFiles(double most) const {
    double files = Figure("process_open_fds");
    for (int i = 0; i < 200 && files > most; ++i) {
      absl::SleepFor(absl::Milliseconds(50));
      files = Figure("process_open_fds");
    }
    return files;
  }
  double Megabytes() const { return Figure("process_resident_memory_bytes") / (1 << 20); }

  // So many clients ask and take nothing: scrapes between them are quick, and what all of them
  // hold stays within so many megabytes.
  void Stall(int clients, const std::string& request, double most, const std::string& what) const {
    const double before = Megabytes();
    std::vector<TcpClient> stalled;
    absl::Duration slowest;
    for (int i = 0; i < clients; ++i) {
      stalled.push_back(Client());
      stalled.back().Send(request);
      if (i % 20 != 19) continue;
      const HttpReply scrape = Fetch("/metrics");
      EXPECT_EQ(scrape.status, 200) << i;
      slowest = std::max(slowest, scrape.took);
    }
    EXPECT_LT(slowest, absl::Seconds(1));
    const double grown = Megabytes() - before;
    EXPECT_LT(grown, most * kMegabyte);
    Report(what + ": slowest scrape " + absl::FormatDuration(slowest) + ", " +
           std::to_string(grown) + " MiB more");
  }

  void Report(const std::string& what) const {
    std::cout << (GetParam() ? "https: " : "http: ") << what << "\n";
  }

  const TempFolder folder_;
  std::unique_ptr<TestCertificates> certificates_;
  ClientTls tls_;
  Chatscale program_;
};

struct Attack {
  std::string name, bytes;
  std::string allowed;  // statuses of an answer; "-": none, the connection is closed
};

std::vector<Attack> Malformed() {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same each time
  std::string garbage(32'768, '\0');
  std::ranges::generate(garbage, [&random] { return static_cast<char>(random() & 0xFF); });
  garbage += "\r\n\r\n";
  const std::string smuggled = "GET /metrics HTTP/1.1\r\nHost: b\r\n\r\n";
  return {
      {"garbage", garbage, "400 431"},
      {"zero bytes", std::string(100, '\0') + "\r\n\r\n", "400"},
      {"no method", " / HTTP/1.1\r\n\r\n", "400 501"},
      {"HTTP/0.9", "GET /\r\n\r\n", "400"},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 501 505"},
      {"HTTP/9.9", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", "400 505"},
      {"long request line", Get("/" + std::string(100'000, 'a')), "400 414 431"},
      {"long header", Get("/", "X: " + std::string(20'000, 'a') + "\r\n"), "431"},
      {"5,000 headers", Get("/", Times(5'000, "X: y\r\n")), "431"},
      {"header without a colon", Get("/", "Nothing\r\n"), "400"},
      {"header with a zero byte", Get("/", std::string("X: a\0b\r\n", 8)), "400"},
      {"folded header", Get("/", "X: a\r\n b\r\n"), "400"},
      {"space before the colon", Get("/", "Content-Length : 3\r\n"), "400"},
      {"bare line feeds", "GET / HTTP/1.1\nHost: a\n\n\r\n\r\n", "400"},
      {"two lengths", Get("/", "Content-Length: 1\r\nContent-Length: 50\r\n") + smuggled, "400"},
      {"length and chunks",
       Get("/", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n" + smuggled,
       "400 411 501"},
      {"odd chunks", Get("/", "Transfer-Encoding:\tx, chunked\r\n") + "0\r\n\r\n" + smuggled,
       "400 411 501"},
      {"hidden chunks", Get("/", "Transfer-Encoding : chunked\r\n") + "0\r\n\r\n" + smuggled,
       "400"},
      {"negative length", Get("/", "Content-Length: -1\r\n"), "400"},
      {"signed length", Get("/", "Content-Length: +1\r\n") + "x", "400"},
      {"hexadecimal length", Get("/", "Content-Length: 0x1\r\n") + "x", "400"},
      {"length beyond numbers", Get("/", "Content-Length: 99999999999999999999\r\n"), "400 413"},
      {"1 GiB announced", Get("/", "Content-Length: 1073741824\r\n"), "413"},
      {"50 MB in chunks",
       "POST /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
           Times(100, "10000\r\n" + std::string(65'536, 'x') + "\r\n"),
       "411"},
  };
}

std::vector<Attack> WellFormed() {
  std::vector<Attack> all = {
      {"tunnel", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
       "400 404 405 501"},
      {"all methods", "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "400 404 405"},
      {"trace", "TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: evil.example\r\n\r\n",
       "405"},
      {"DELETE", "DELETE /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "405"},
      {"reload by GET", Get("/-/reload"), "404 405"},
      {"export by a stranger", Get("/metrics/export"), "403"},
      {"upgrade", Get("/-/healthy", "Upgrade: h2c\r\nHTTP2-Settings: AAAA\r\n"), "200"},
      {"expectation", Get("/-/healthy", "Expect: 100-continue\r\n"), "200 417"},
      {"a thousand ranges", Get("/metrics", "Range: bytes=" + Times(1'000, "0-,") + "0-\r\n"),
       "200"},
      {"brotli", Get("/metrics", "Accept-Encoding: br\r\n"), "200"},
      {"every encoding", Get("/metrics", "Accept-Encoding: " + Times(1'500, "br;q=1,") + "*\r\n"),
       "431"},
      {"strange qualities", Get("/metrics", "Accept-Encoding: gzip;q=nan, *;q=1e999;x\r\n"), "200"},
      {"strange types", Get("/metrics", "Accept: " + Times(900, "text/plain;q=,") + "\r\n"), "431"},
      {"hostile host", "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "200"},
      {"proxy request",
       "GET http://evil.example/-/healthy HTTP/1.1\r\nHost: evil.example\r\nConnection: "
       "close\r\n\r\n",
       "200"},
      {"forwarded", Get("/", "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: javascript\r\n"),
       "200"},
      {"foreign target", Get("/probe?target=http://169.254.169.254/"), "400"},
      {"script as tenant", Get("/?tenant=%3Cscript%3Eevil.example"), "200 400"},
      {"script as search", Get("/?q=%3Cscript%3Eevil.example%22%27"), "200"},
      {"a thousand parameters", Get("/metrics/combined?" + Times(1'000, "tenant=a&")), "431"},
      {"authorization", Get("/metrics", "Authorization: Basic " + std::string(9'000, 'A') + "\r\n"),
       "431"},
  };
  for (const char* path : {"/../../etc/passwd",
                           "/%2e%2e/%2e%2e/etc/passwd",
                           "/..%2f..%2fetc%2fpasswd",
                           "/./metrics/",
                           "/metrics/../-/reload",
                           "//metrics",
                           "/\\..\\etc",
                           "/%00",
                           "/metrics%00.html",
                           "/%",
                           "/%zz",
                           "/%c0%ae%c0%ae/",
                           "/metrics;x=1",
                           "/api/v1/recommendations/proc/../../../etc",
                           "/api/v1/recommendations/%2e%2e",
                           "/docs/../docs/metrics",
                           "/rules/alerts%2f",
                           "*",
                           "/?%",
                           "?"}) {
    all.push_back({std::string("path ") + path, Get(path), "200 400 404"});
  }
  return all;
}

TEST_P(AttackE2e, HostileRequestsGetOneResponseAndLeakNothing) {
  ASSERT_TRUE(Serve()) << program_.process().Err();
  std::vector<Attack> all = Malformed();
  for (Attack& attack : WellFormed()) all.push_back(std::move(attack));
  const double before = Megabytes();
  absl::Duration slowest;
  for (const Attack& attack : all) {
    SCOPED_TRACE(attack.name);
    TcpClient client = Client();
    ASSERT_TRUE(client.connected());
    client.Send(attack.bytes);
    client.HalfClose();
    std::string answer = client.ReadAll(absl::Seconds(10));
    const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
    if (answer.starts_with(interim)) answer.erase(0, interim.size());
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 ")) << answer.substr(0, 200);
    EXPECT_THAT(attack.allowed, HasSubstr(answer.substr(9, 3)));
    EXPECT_EQ(answer.find("HTTP/1.1 ", 1), answer.npos) << "one answer";
    EXPECT_THAT(answer, Not(HasSubstr("evil.example\"")));
    EXPECT_THAT(answer, Not(HasSubstr("<script>evil")));
    EXPECT_THAT(answer, Not(HasSubstr("root:")));
    EXPECT_THAT(answer, Not(HasSubstr("Content-Encoding: br")));
    EXPECT_THAT(answer, Not(HasSubstr("Location:")));
    EXPECT_THAT(answer, Not(HasSubstr("Access-Control-")));
    EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff"));
    const HttpReply health = Fetch("/-/healthy");
    EXPECT_EQ(health.status, 200);
    slowest = std::max(slowest, health.took);
  }
  EXPECT_LT(slowest, absl::Seconds(1));
  const double grown = Megabytes() - before;
  EXPECT_LT(grown, 16 * kMegabyte);
  Report(std::to_string(all.size()) + " bad inputs, memory grew by " + std::to_string(grown) +
         " MiB, health within " + absl::FormatDuration(slowest));
}

TEST_P(AttackE2e, ThousandSlowClientsDoNotDelayScrapes) {
  ASSERT_TRUE(Serve()) << program_.process().Err();
  const double before = Megabytes(), files = Figure("process_open_fds");
  std::vector<TcpClient> slow;
  std::vector<absl::Duration> took;
  for (int i = 0; i < 1'000; ++i) {
    slow.push_back(Client());
    // One in two drips, the others say nothing.
    if (i % 2 == 0) slow.back().Send("GET /metrics HT");
    if (i % 10 != 9) continue;
    for (int k = std::max(0, i - 200); k < i; k += 20) slow[static_cast<std::size_t>(k)].Send("T");
    const HttpReply scrape = Fetch("/metrics", "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(scrape.status, 200) << i;
    took.push_back(scrape.took);
  }
  std::ranges::sort(took);
  const absl::Duration p99 = took[took.size() - 2];
  EXPECT_LT(p99, absl::Seconds(1));
  slow.clear();
  EXPECT_LE(OpenFiles(files + 2), files + 2);
  const double grown = Megabytes() - before;
  EXPECT_LT(grown, 64 * kMegabyte);
  Report("1,000 slow clients: scrapes p50 " + absl::FormatDuration(took[took.size() / 2]) +
         ", p99 " + absl::FormatDuration(p99) + "; afterwards " + std::to_string(grown) +
         " MiB more");
}

TEST_P(AttackE2e, AbortedConnectionsLeakNoMemoryOrDescriptors) {
  ASSERT_TRUE(Serve()) << program_.process().Err();
  const double files = Figure("process_open_fds");
  double first = 0;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 200; ++i) {
      TcpClient client = i % 4 == 3 ? TcpClient(program_.port()) : Client();
      client.Send(i % 2 == 0 ? Get("/metrics") : "GET /api/v1/page HTTP/1.1\r\nHo");
      client.Reset();
    }
    EXPECT_EQ(Fetch("/metrics").status, 200);
    if (round == 0) first = Megabytes();
  }
  EXPECT_LE(OpenFiles(files + 2), files + 2);
  EXPECT_LT(Megabytes() - first, 8 * kMegabyte);
}

// Each would be sent a hundred answers, and takes none.
TEST_P(AttackE2e, StalledReadersDoNotBlockOthers) {
  ASSERT_TRUE(Serve()) << program_.process().Err();
  Stall(600, Times(100, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"), 128, "600 readers that stall");
}

TEST_P(AttackE2e, LargeUnreadResponseIsHeldInMemoryOnce) {
  std::string document = ReadScenario("steady/system.json");
  document.insert(document.rfind('}'), ", \"large\": \"" + std::string(3'400'000, 'x') + "\"");
  StubServer proc(stub::Answer(document));
  ASSERT_TRUE(Serve({{"METRICS_MODE", "proxy"},
                     {"METRICS_PROC_BASE_URL", "http://127.0.0.1:" + std::to_string(proc.port())},
                     {"METRICS_MAX_AGE_SEC", "86400"}}))
      << program_.process().Err();
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  std::size_t size = 0;
  while (size < 3'400'000 && absl::Now() < deadline) size = Fetch("/metrics/combined").body.size();
  ASSERT_GT(size, 3'400'000U);
  Stall(500, "GET /metrics/combined HTTP/1.1\r\nHost: a\r\n\r\n", 100,  // 500 copies are 1,700
        "500 who asked for " + std::to_string(size) + " bytes and take none");
}

// A hard limit on open files below the cap on connections: clients leave room for the rest.
TEST_P(AttackE2e, ScrapesSucceedUnderLowFileDescriptorLimit) {
  ASSERT_TRUE(
      Serve({{"METRICS_MODE", "demo"}}, {"/bin/sh", "-c", "ulimit -n 64; exec \"$@\"", "sh"}))
      << program_.process().Err();
  EXPECT_THAT(program_.process().Err(), HasSubstr("the limit on open files or threads is low"));
  std::vector<TcpClient> idle;
  for (int i = 0; i < 200; ++i) idle.push_back(Client());
  absl::Duration slowest;
  for (int i = 0; i < 10; ++i) {
    const HttpReply reply = Fetch("/metrics");
    EXPECT_EQ(reply.status, 200) << i;
    slowest = std::max(slowest, reply.took);
  }
  EXPECT_LT(slowest, absl::Seconds(2));
  Report("64 files and 200 idle clients: slowest scrape " + absl::FormatDuration(slowest));
}

// As under a container's limit on processes: who is idle gives way, what needs a thread fails and
// comes back, and the program goes on.
TEST_P(AttackE2e, SurvivesThreadExhaustionAndFailedAccepts) {
  StubServer proc(stub::Answer(ReadScenario("steady/system.json")));
  ASSERT_TRUE(Serve({{"METRICS_MODE", "proxy"},
                     {"METRICS_PROC_BASE_URL", proc.url()},
                     {"METRICS_COLLECT_INTERVAL_SEC", "1"},
                     {"LD_PRELOAD", CHATSCALE_SCARCE_PRELOAD},
                     {"CHATSCALE_SCARCE", folder_.Path("")}}))
      << program_.process().Err();
  const auto await = [&](int up) {
    const std::string shown = "source=\"proc\"} " + std::to_string(up) + "\n";
    for (int i = 0; i < 200; ++i) {
      const std::string text = Fetch("/metrics").body;
      const auto at = text.find("\nchat_exporter_up{");
      if (at != text.npos && text.substr(at, text.find('\n', at + 1) + 1 - at).ends_with(shown)) {
        return up;
      }
      absl::SleepFor(absl::Milliseconds(50));
    }
    return -1;
  };
  ASSERT_EQ(await(1), 1);
  folder_.Write("threads", "");
  std::vector<TcpClient> idle;
  for (int i = 0; i < 60; ++i) idle.push_back(Client());
  EXPECT_EQ(await(0), 0);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Fetch("/-/healthy").status, 200) << i;
  std::filesystem::remove(folder_.Path("threads"));
  EXPECT_EQ(await(1), 1);
  folder_.Write("accept", "");
  TcpClient waits = Client();
  absl::SleepFor(absl::Milliseconds(300));
  std::filesystem::remove(folder_.Path("accept"));
  EXPECT_EQ(Fetch("/-/healthy").status, 200);
  program_.process().Signal(SIGTERM);
  EXPECT_EQ(program_.process().Wait(absl::Seconds(20)), 0) << program_.process().Err();
}

// The library would match the header by recursion: 7.6 kB of it take 3.7 MB of stack.
TEST_P(AttackE2e, LongRangeHeadersUseLittleMemory) {
  ASSERT_TRUE(Serve()) << program_.process().Err();
  const double before = Megabytes();
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(Fetch("/health", "Range: bytes=" + Times(1'900, "0-,") + "0-\r\n").status, 200) << i;
  }
  EXPECT_LT(Megabytes() - before, 16 * kMegabyte);
}

// Who hung up while it waited for its turn is not answered: the next who asks does not wait for it.
TEST_P(AttackE2e, QueuedRequestsOfClosedConnectionsAreSkipped) {
  ASSERT_TRUE(Serve()) << program_.process().Err();
  for (int i = 0; i < 1'000; ++i) {
    TcpClient client = Client();
    client.Send(Get("/"));
    client.Reset();
    if (i % 100 != 99) continue;
    const HttpReply health = Fetch("/-/healthy");
    EXPECT_EQ(health.status, 200) << i;
    EXPECT_LT(health.took, absl::Seconds(1)) << i;
  }
  EXPECT_EQ(Fetch("/").status, 200);
}

TEST_P(AttackE2e, ExpensivePathsDoNotDelayScrapes) {
  ASSERT_TRUE(Serve()) << program_.process().Err();
  std::vector<TcpClient> clients;
  std::vector<absl::Duration> took;
  for (int i = 0; i < 600; ++i) {
    clients.push_back(Client());
    clients.back().Send(Times(20, "GET /?q=a HTTP/1.1\r\nHost: a\r\n\r\n"));
    if (i % 20 != 19) continue;
    const HttpReply scrape = Fetch("/metrics");
    EXPECT_EQ(scrape.status, 200) << i;
    took.push_back(scrape.took);
  }
  std::ranges::sort(took);
  EXPECT_LT(took.back(), absl::Seconds(1));
  Report("600 clients at a dear path: slowest scrape " + absl::FormatDuration(took.back()));
}

// A stranger at two addresses opens connections that never ask for anything; who is known stays.
TEST_P(AttackE2e, ConnectionFloodDoesNotEvictEstablishedClients) {
  ASSERT_TRUE(Serve()) << program_.process().Err();
  const std::string request = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
  TcpClient known = Client();
  known.Send(request);
  ASSERT_THAT(known.ReadUntil("\nprocess_virtual_memory_bytes ", absl::Seconds(5)),
              HasSubstr("200 OK"));
  std::vector<RawSocket> flood;
  for (int i = 0; i < 3'000; ++i) {
    flood.emplace_back(program_.port(), i % 2 == 0 ? "127.0.0.2" : "127.0.0.3");
    if (i >= 900) flood[static_cast<std::size_t>(i) - 900].Close();
    if (i % 500 != 499) continue;
    known.ReadUntil("no such text", absl::Milliseconds(50));
    known.Send(request);
    EXPECT_THAT(known.ReadUntil("200 OK", absl::Seconds(2)), HasSubstr("200 OK")) << i;
    EXPECT_EQ(Fetch("/metrics").status, 200) << "a newcomer from another address, " << i;
  }
  EXPECT_GT(Figure("chat_exporter_http_rejected_connections_total{reason=\"evicted\"}"), 1'000);
}

TEST_P(AttackE2e, HungExportDoesNotDelayShutdown) {
  StubServer gateway(stub::Hang());
  const std::string url = "http://127.0.0.1:" + std::to_string(gateway.port());
  ASSERT_TRUE(Serve({{"METRICS_MODE", "demo"},
                     {"METRICS_EXPORT_PROMETHEUS_PUSH", "1"},
                     {"METRICS_PROM_PUSHGATEWAY_URL", url},
                     {"METRICS_REQUEST_TIMEOUT_SEC", "60"},
                     {"METRICS_WEB_BEARER_TOKEN_FILE", folder_.Write("token", "t0ken")}}))
      << program_.process().Err();
  TcpClient client = Client();
  client.Send("POST /metrics/export HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t0ken\r\n\r\n");
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (gateway.Connections() == 0 && absl::Now() < deadline)
    absl::SleepFor(absl::Milliseconds(5));
  ASSERT_GT(gateway.Connections(), 0)
      << client.ReadAll(absl::Seconds(1)) << program_.process().Err();
  const absl::Time begun = absl::Now();
  program_.process().Signal(SIGTERM);
  EXPECT_EQ(program_.process().Wait(absl::Seconds(30)), 0) << program_.process().Err();
  EXPECT_LT(absl::Now() - begun, absl::Seconds(12));
}

INSTANTIATE_TEST_SUITE_P(Over, AttackE2e, testing::Bool(),
                         [](const auto& over) { return over.param ? "Https" : "Http"; });

}  // namespace
}  // namespace chatscale
