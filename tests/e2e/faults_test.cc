// What a broken upstream does to us: the right error kind, quick scrapes, no invented values, and
// everything back once it is well again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/time/clock.h"
#include "tests/e2e/program.h"
#include "tests/support/fixtures.h"
#include "tests/support/stub_behaviours.h"

namespace chatscale {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kToken = "canary-4711-secret";

struct Fault {
  const char* name;
  StubBehaviour behaviour;
  const char* kind;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

class FaultE2e : public testing::TestWithParam<Fault> {
 protected:
  FaultE2e()
      : ingress_(stub::Answer(ReadScenario("steady/ingress_system.json"))),
        proc_(stub::Answer(ReadScenario("steady/system.json"))),
        program_(StartChatscale({{"METRICS_MODE", "proxy"},
                                 {"METRICS_INGRESS_BASE_URL", ingress_.url()},
                                 {"METRICS_PROC_BASE_URL", proc_.url()},
                                 {"METRICS_COLLECT_INTERVAL_SEC", "1"},
                                 {"METRICS_REQUEST_TIMEOUT_SEC", "0.7"},
                                 {"METRICS_MAX_AGE_SEC", "2"},
                                 {"METRICS_AUTH_HEADER_NAME", "X-Token"},
                                 {"METRICS_AUTH_HEADER_VALUE", kToken},
                                 {"METRICS_LOG_LEVEL", "debug"}})) {}

  StubServer ingress_;
  StubServer proc_;
  Chatscale program_;
};

absl::Duration MedianScrape(int port) {
  std::vector<absl::Duration> took;
  for (int i = 0; i < 21; ++i) took.push_back(Fetch(port, "/metrics").took);
  std::nth_element(took.begin(), took.begin() + 10, took.end());
  return took[10];
}

TEST_P(FaultE2e, IsCountedAsErrorAndRecovered) {
  ASSERT_TRUE(program_.listening()) << program_.process().Err();
  const std::string up = "chat_exporter_up{tenant=\"acme\",project=\"assist\",source=\"proc\"} 1\n";
  ASSERT_NE(program_.AwaitMetric(up).find(up), up.npos);
  EXPECT_EQ(proc_.Requests().at(0).target, "/monitoring/system");

  proc_.SetBehaviour(GetParam().behaviour);
  const std::string counted =
      "chat_exporter_collect_errors_total{tenant=\"acme\",project=\"assist\",source=\"proc\",kind="
      "\"" +
      std::string(GetParam().kind);
  ASSERT_NE(program_.AwaitMetric(counted).find(counted), counted.npos) << counted;
  EXPECT_LT(MedianScrape(program_.port()), absl::Milliseconds(50));
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  std::string text;
  do {  // the processor's own value comes from ingress' document once its own is too old
    text = Fetch(program_.port(), "/metrics/proc/system").body;
  } while (text.find("\"detail\"") == text.npos && absl::Now() < deadline);
  EXPECT_THAT(text, HasSubstr("\"detail\""));
  text = program_.Metrics();
  EXPECT_EQ(
      ValueOf(text, "chat_exporter_up{tenant=\"acme\",project=\"assist\",source=\"ingress\"}"),
      "1");
  EXPECT_EQ(ValueOf(text, "chat_ingress_sse_connections{tenant=\"acme\",project=\"assist\"}"),
            "260");
  EXPECT_EQ(Fetch(program_.port(), "/-/ready").status, 200);

  proc_.SetBehaviour(stub::Answer(ReadScenario("steady/system.json")));
  EXPECT_NE(program_.AwaitMetric(up).find(up), up.npos);
  program_.process().Signal(SIGTERM);
  EXPECT_EQ(program_.process().Wait(absl::Seconds(10)), 0);
  EXPECT_THAT(program_.process().Err() + text, Not(HasSubstr("canary")));
}

INSTANTIATE_TEST_SUITE_P(
    All, FaultE2e,
    testing::Values(Fault{"hanging", stub::Hang(), "timeout"},
                    Fault{"dripping", stub::Drip(absl::Seconds(1)), "timeout"},
                    Fault{"unauthorized", stub::Status(401), "auth"},
                    Fault{"forbidden", stub::Status(403), "auth"},
                    Fault{"failing", stub::Status(500, "boom"), "http"},
                    Fault{"truncated", stub::TruncatedBody("{\"queue_stats\":{}"), "truncated"},
                    Fault{"broken_json", stub::Answer("{\"queue_stats\":{"), "parse"},
                    Fault{"gibibyte", stub::EndlessBody(true), "too_large"},
                    Fault{"endless", stub::EndlessBody(false), "too_large"},
                    Fault{"gzip_bomb", stub::GzipBomb(), "too_large"},
                    Fault{"empty", stub::Answer(""), "parse"},
                    Fault{"html", stub::Answer("<html>login</html>"), "parse"},
                    Fault{"array", stub::Answer("[1,2]"), "schema"},
                    Fault{"garbage", stub::Raw("SSH-2.0-OpenSSH_9.2\r\n"), "protocol"}),
    [](const auto& fault) { return std::string(fault.param.name); });

TEST(FaultsE2e, UnreachableUpstreamMakesMetricsAbsentAndNotReady) {
  auto gone = std::make_unique<StubServer>(stub::Answer(ReadScenario("steady/system.json")));
  Chatscale program = StartChatscale({{"METRICS_MODE", "proxy"},
                                      {"METRICS_PROC_BASE_URL", gone->url()},
                                      {"METRICS_COLLECT_INTERVAL_SEC", "1"},
                                      {"METRICS_MAX_AGE_SEC", "1"}});
  ASSERT_TRUE(program.listening());
  ASSERT_EQ(ValueOf(program.AwaitMetric("\nchat_proc_queue_total{"),
                    "chat_proc_queue_total{tenant=\"acme\",project=\"assist\"}"),
            "17");
  gone.reset();
  const std::string refused = "kind=\"connect\"";
  EXPECT_NE(program.AwaitMetric(refused).find(refused), refused.npos);
  std::string text;
  for (int i = 0; i < 200; ++i) {
    text = program.Metrics();
    if (text.find("\nchat_proc_") == text.npos) break;
    absl::SleepFor(absl::Milliseconds(50));
  }
  EXPECT_EQ(text.find("\nchat_proc_"), text.npos);
  EXPECT_EQ(ValueOf(text, "chat_exporter_up{tenant=\"acme\",project=\"assist\",source=\"proc\"}"),
            "0");
  EXPECT_EQ(Fetch(program.port(), "/-/ready").status, 503);
  EXPECT_EQ(Fetch(program.port(), "/-/healthy").status, 200);
}

TEST(FaultsE2e, WrongTypesInvalidateOnlyTheirFields) {
  std::string document = ReadScenario("steady/system.json");
  const std::string field = "\"paid_queue\"";
  ASSERT_NE(document.find(field), document.npos);
  document.replace(document.find(field), field.size(), "\"paid_queue\":[],\"x\"");
  StubServer proc(stub::Answer(document));
  Chatscale program =
      StartChatscale({{"METRICS_MODE", "proxy"}, {"METRICS_PROC_BASE_URL", proc.url()}});
  ASSERT_TRUE(program.listening());
  const std::string text = program.AwaitMetric("\nchat_proc_queue_total{");
  EXPECT_EQ(
      ValueOf(text,
              "chat_exporter_fields_malformed{tenant=\"acme\",project=\"assist\",source=\"proc\"}"),
      "1");
  EXPECT_EQ(ValueOf(text, "chat_proc_queue_total{tenant=\"acme\",project=\"assist\"}"), "17");
}

TEST(FaultsE2e, HungUpstreamDoesNotBlockTheOther) {
  StubServer ingress(stub::Hang());
  StubServer proc(stub::Answer(ReadScenario("steady/system.json")));
  Chatscale program = StartChatscale({{"METRICS_MODE", "proxy"},
                                      {"METRICS_INGRESS_BASE_URL", ingress.url()},
                                      {"METRICS_PROC_BASE_URL", proc.url()},
                                      {"METRICS_REQUEST_TIMEOUT_SEC", "60"},
                                      {"METRICS_COLLECT_INTERVAL_SEC", "30"}});
  ASSERT_TRUE(program.listening());
  const std::string text = program.AwaitMetric("\nchat_proc_queue_total{", absl::Seconds(5));
  EXPECT_THAT(text, HasSubstr("\nchat_proc_queue_total{"));
  EXPECT_THAT(text, HasSubstr(",source=\"ingress\"} 0\n")) << "up, at once";
  EXPECT_EQ(Fetch(program.port(), "/-/ready").status, 200);
}

TEST(FaultsE2e, RejectsTimeoutAboveMaxAge) {
  const Ran ran =
      RunChatscale({"check", "--mode", "proxy"},
                   {{"METRICS_PROC_BASE_URL", "http://a"}, {"METRICS_REQUEST_TIMEOUT_SEC", "90"}});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("METRICS_REQUEST_TIMEOUT_SEC=\"1m30s\": expected not more than "
                                 "METRICS_MAX_AGE_SEC (1m15s)"));
}

long ContextSwitches(int pid) {
  long sum = 0;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("voluntary")) sum += std::atol(line.c_str() + line.find(':') + 1);
    }
  }
  return sum;
}

TEST(FaultsE2e, IdleProcessDoesNotWakeUp) {
#ifdef __SANITIZE_THREAD__
  constexpr long kMost = 40;  // the sanitizer has a thread of its own that wakes ten times a second
#else
  constexpr long kMost = 4;
#endif
  Chatscale program = StartChatscale({{"METRICS_MODE", "proxy"},
                                      {"METRICS_PROC_BASE_URL", "http://127.0.0.1:1"},
                                      {"METRICS_COLLECT_INTERVAL_SEC", "3600"}});
  ASSERT_TRUE(program.listening());
  TcpClient idle(program.port());  // as a scraper keeps its connection
  idle.Send("GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n");
  idle.ReadUntil("healthy", absl::Seconds(5));
  const long before = ContextSwitches(program.process().pid());
  absl::SleepFor(absl::Seconds(2));
  EXPECT_LE(ContextSwitches(program.process().pid()) - before, kMost);
}

}  // namespace
}  // namespace chatscale
