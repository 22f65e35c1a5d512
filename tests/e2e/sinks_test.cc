// Sinks of a serving program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "absl/time/clock.h"
#include "tests/e2e/program.h"
#include "tests/support/aws_metadata.h"
#include "tests/support/cloudwatch_endpoint.h"
#include "tests/support/pushgateway.h"
#include "tests/support/stub_behaviours.h"
#include "tests/support/stub_server.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(SinksE2e, TextfileIsUpdatedAndRemovedOnShutdown) {
  TempFolder folder;
  const std::string path = folder.Path("chatscale.prom");
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"}, {"METRICS_TEXTFILE_PATH", path}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  demo.AwaitMetric("\nchat_recommender_desired_replicas{");
  const std::string metrics = demo.AwaitMetric("chat_exporter_sink_up{sink=\"textfile\"} 1\n");
  absl::SleepFor(absl::Seconds(1));  // the next round writes it
  EXPECT_THAT(metrics, HasSubstr("chat_exporter_sink_deliveries_total{sink=\"textfile\","
                                 "result=\"failed\"} 0\n"));
  EXPECT_THAT(ReadFile(path), HasSubstr("\nchat_recommender_desired_replicas{"));
  demo.process().Signal(SIGTERM);
  EXPECT_EQ(demo.process().Wait(absl::Seconds(10)), 0);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(SinksE2e, FailingSinkIsReportedAndStopsNothingElse) {
  TempFolder folder;
  Chatscale demo = StartChatscale(
      {{"METRICS_MODE", "demo"}, {"METRICS_TEXTFILE_PATH", folder.Path("gone/chatscale.prom")}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  demo.AwaitMetric("chat_exporter_sink_up{sink=\"textfile\"} 0\n");
  EXPECT_THAT(demo.AwaitMetric("\nchat_recommender_desired_replicas{"),
              HasSubstr("\nchat_recommender_desired_replicas{"));
  EXPECT_THAT(demo.process().Err(), HasSubstr("sink fails"));
}

TEST(SinksE2e, RejectsTextfilePathWithoutPromSuffix) {
  const Ran ran = RunChatscale({"check", "--mode", "demo"}, {{"METRICS_TEXTFILE_PATH", "/tmp/x"}});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("METRICS_TEXTFILE_PATH"));
  EXPECT_THAT(ran.err, HasSubstr("a path that ends in .prom"));
}

TEST(SinksE2e, RunOnceExportsAndReturnsExitCode) {
  TempFolder folder;
  const std::string path = folder.Path("chatscale.prom");
  const Variables demo = {{"METRICS_MODE", "demo"}, {"METRICS_RUN_ONCE", "1"}};
  const auto run = [](Variables variables, const char* name, const std::string& value) {
    variables.emplace_back(name, value);
    return RunChatscale({}, variables);
  };
  const Ran exported = run(demo, "METRICS_TEXTFILE_PATH", path);
  EXPECT_EQ(exported.code, 0);
  const std::string text = ReadFile(path);  // which is left
  EXPECT_THAT(text, HasSubstr("\nchat_proc_queue_total{"));
  EXPECT_THAT(text, Not(HasSubstr("\nchat_recommender_desired_replicas{")))
      << "one look is no view of a whole fleet";
  EXPECT_THAT(exported.err, HasSubstr("no recommendation is exported"));
  const Ran failed = run(demo, "METRICS_TEXTFILE_PATH", folder.Path("gone/chatscale.prom"));
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.err, HasSubstr("sink fails"));
  const Ran nothing = run({{"METRICS_RUN_ONCE", "1"},
                           {"REDIS_URL", "redis://127.0.0.1:1"},
                           {"TENANT_ID", "a"},
                           {"PROJECT_ID", "b"}},
                          "METRICS_TEXTFILE_PATH", path);
  EXPECT_EQ(nothing.code, 2);
  EXPECT_EQ(ReadFile(path), text);
  const Ran misspelt =
      run({{"METRICS_MODE", "demo"}, {"METRICS_RUN_ONCE", "1"}, {"METRICS_EXPROT", "1"}},
          "METRICS_TEXTFILE_PATH", path);
  EXPECT_THAT(misspelt.err, HasSubstr("METRICS_EXPROT"));
  const Ran nowhere = RunChatscale({}, demo);
  EXPECT_EQ(nowhere.code, 2);
  EXPECT_THAT(nowhere.err, HasSubstr("METRICS_RUN_ONCE=\"1\": expected a sink"));
}

TEST(SinksE2e, ExportEndpointDeliversToSinks) {
  TempFolder folder;
  const std::string path = folder.Path("chatscale.prom");
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"},
                                   {"METRICS_TEXTFILE_PATH", path},
                                   {"METRICS_WEB_BEARER_TOKEN_FILE", folder.Write("token", "t")}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  const HttpReply reply = demo.Ask("/metrics/export", "POST");
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(reply.body, HasSubstr(R"("textfile":{"duration_seconds":)"));
  EXPECT_THAT(ReadFile(path), HasSubstr("\nchat_proc_queue_total{"));
}

Variables PushedTo(const std::string& url) {
  return {{"METRICS_MODE", "demo"},
          {"METRICS_EXPORT_PROMETHEUS_PUSH", "1"},
          {"METRICS_PROM_PUSHGATEWAY_URL", url},
          {"METRICS_SCHEDULER_ENABLED", "1"},
          {"METRICS_EXPORT_INTERVAL_SEC", "1"}};
}

TEST(SinksE2e, PushesPeriodicallyAndDeletesGroupOnShutdown) {
  const Pushgateway gateway;
  Variables variables = PushedTo(gateway.url());
  variables.emplace_back("METRICS_PROM_GROUPING_LABELS_JSON", R"({"env":"test/1"})");
  variables.emplace_back("METRICS_PROM_PUSHGATEWAY_DELETE", "1");
  Chatscale demo = StartChatscale(variables);
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  demo.AwaitMetric(
      "chat_exporter_sink_deliveries_total{sink=\"pushgateway\",result=\"delivered\"} 3\n");
  const std::string pushed = gateway.Metrics();
  for (const char* name : {"chat_recommender_desired_replicas", "chat_proc_queue_total"}) {
    const std::string labels = "instance=\"\",job=\"kdcube_metrics\",project=\"demo\"";
    EXPECT_THAT(pushed, ContainsRegex(std::string("\n") + name + "\\{.*env=\"test/1\"," + labels));
  }
  demo.process().Signal(SIGTERM);
  EXPECT_EQ(demo.process().Wait(absl::Seconds(10)), 0);
  EXPECT_TRUE(gateway.AwaitGroups(0).empty());
}

TEST(SinksE2e, HungSinkDoesNotDelayOthersAndRecovers) {
  TempFolder folder;
  StubServer gateway(stub::Hang());
  Variables variables = PushedTo(gateway.url());
  variables.emplace_back("METRICS_TEXTFILE_PATH", folder.Path("chatscale.prom"));
  variables.emplace_back("METRICS_WEB_BEARER_TOKEN_FILE", folder.Write("token", "t"));
  variables.emplace_back("METRICS_REQUEST_TIMEOUT_SEC", "2");
  variables.emplace_back("METRICS_COLLECT_INTERVAL_SEC", "15");
  Chatscale demo = StartChatscale(variables);
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  const std::string metrics = demo.AwaitMetric("chat_exporter_sink_up{sink=\"pushgateway\"} 0\n");
  EXPECT_THAT(metrics, HasSubstr("chat_exporter_sink_up{sink=\"textfile\"} 1\n"));
  EXPECT_LT(demo.Ask("/metrics").took, absl::Milliseconds(500));
  const auto skipped =
      "chat_exporter_sink_deliveries_total{sink=\"pushgateway\",result=\"skipped\"}";
  EXPECT_NE(ValueOf(demo.AwaitMetric(std::string(skipped) + " 1\n"), skipped), "0");
  absl::SleepFor(absl::Milliseconds(1100));
  const HttpReply exported = demo.Ask("/metrics/export", "POST");
  EXPECT_EQ(exported.status, 502) << exported.body;
  EXPECT_THAT(exported.body, HasSubstr(R"("textfile":{"duration_seconds":)"));
  gateway.SetBehaviour(stub::Status(202));
  demo.AwaitMetric("chat_exporter_sink_up{sink=\"pushgateway\"} 1\n");
}

TEST(SinksE2e, ExportWaitingForHungSourceDoesNotBlockShutdown) {
  const StubServer upstream(stub::Hang());
  Variables variables = PushedTo("http://127.0.0.1:1");
  variables[0].second = "proxy";
  variables.emplace_back("METRICS_PROC_BASE_URL", upstream.url());
  variables.emplace_back("METRICS_REQUEST_TIMEOUT_SEC", "60");
  Chatscale program = StartChatscale(variables);
  ASSERT_TRUE(program.listening()) << program.process().Err();
  for (int i = 0; i < 200 && upstream.Requests().empty(); ++i) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  program.process().Signal(SIGTERM);
  EXPECT_EQ(program.process().Wait(absl::Seconds(20)), 0);
}

TEST(SinksE2e, PasswordsAreRedacted) {
  const TempFolder folder;
  Variables variables = PushedTo("http://ops:hunter2@127.0.0.1:1");
  variables.emplace_back("METRICS_WEB_BEARER_TOKEN_FILE", folder.Write("token", "hunter2"));
  Chatscale demo = StartChatscale(variables);
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  const std::string metrics = demo.AwaitMetric("chat_exporter_sink_up{sink=\"pushgateway\"} 0\n");
  const HttpReply exported = demo.Ask("/metrics/export");
  EXPECT_EQ(exported.status, 502);
  variables[2].second = "ftp://ops:hunter2@127.0.0.1";
  const Ran refused = RunChatscale({"check"}, variables);
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("METRICS_PROM_PUSHGATEWAY_URL=(hidden): expected http://"));
  for (const std::string& said : {metrics, exported.body, demo.process().Err(), refused.err}) {
    EXPECT_THAT(said, Not(HasSubstr("hunter2")));
  }
}

TEST(SinksE2e, CloudWatchReceivesContractMetricNames) {
  AwsAccount account;
  account.token = "canary-token";
  const CloudWatchEndpoint endpoint(account);
  const TempFolder folder;
  Variables variables = {
      {"METRICS_MODE", "demo"},
      {"METRICS_EXPORT_CLOUDWATCH", "1"},
      {"METRICS_CLOUDWATCH_DIMENSIONS_JSON", R"([{"Name":"env","Value":"test"}])"},
      {"METRICS_RUN_ONCE", "1"},
      {"AWS_REGION", "eu-west-1"},
      {"AWS_ENDPOINT_URL", endpoint.url()},
      {"AWS_ACCESS_KEY_ID", account.key_id},
      {"AWS_SECRET_ACCESS_KEY", account.secret},
      {"AWS_SESSION_TOKEN", account.token},
      {"METRICS_STATE_FILE", WriteFreshState(folder, {"demo", "demo"}, 2, 3)}};
  const Ran once = RunChatscale({}, variables);
  EXPECT_EQ(once.code, 0) << once.err;
  std::set<std::string> names;
  const nlohmann::json taken = endpoint.Taken();
  ASSERT_EQ(taken.size(), 1);
  for (const auto& datum : taken[0].at("data")) {
    names.insert(datum.at("name").get<std::string>());
    EXPECT_EQ(datum.at("dimensions").at("env"), "test");
    EXPECT_EQ(datum.at("dimensions").at("tenant"), "demo");
  }
  for (const char* name : {"chat/ingress/sse/connections", "chat/proc/queue/total",
                           "chat/recommender/desired_replicas", "chat/recommender/ratio_percent"}) {
    EXPECT_EQ(names.count(name), 1) << name;
  }
  variables[7].second = "canary-secret";
  const Ran refused = RunChatscale({}, variables);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("HTTP status 403: SignatureDoesNotMatch"));
  EXPECT_THAT(refused.err, Not(HasSubstr("canary")));
}

TEST(SinksE2e, CloudWatchUsesEveryCredentialProvider) {
  AwsAccount account;
  account.token = "session+/=token";
  TempFolder folder;
  const std::string token = folder.Write("token", "canary-token\n");
  const std::string file =
      folder.Write("credentials", "[prod]\naws_access_key_id=" + account.key_id +
                                      "\naws_secret_access_key=" + account.secret +
                                      "\naws_session_token=" + account.token + "\n");
  const StubServer agent(ContainerAgent("/v1", "canary-token", CredentialsJson(account)));
  const StubServer metadata(InstanceMetadata(CredentialsJson(account)));
  const Variables kinds[] = {{{"AWS_SHARED_CREDENTIALS_FILE", file}, {"AWS_PROFILE", "prod"}},
                             {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url() + "/v1"},
                              {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token}},
                             {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url()}}};
  const CloudWatchEndpoint endpoint(account);
  std::size_t taken = 0;
  for (Variables variables : kinds) {
    const std::string kind = variables[0].first;
    variables.insert(variables.end(), {{"METRICS_MODE", "demo"},
                                       {"METRICS_EXPORT_CLOUDWATCH", "1"},
                                       {"METRICS_RUN_ONCE", "1"},
                                       {"HOME", folder.Path("home")},
                                       {"AWS_REGION", "eu-west-1"},
                                       {"AWS_ENDPOINT_URL", endpoint.url()}});
    const Ran ran = RunChatscale({}, variables);
    EXPECT_EQ(ran.code, 0) << kind << "\n" << ran.err;
    EXPECT_EQ(endpoint.Taken().size(), ++taken) << kind;
  }
}

TEST(SinksE2e, CloudWatchUsesProxyButMetadataServiceDoesNot) {
  const AwsAccount account;
  const StubServer metadata(InstanceMetadata(CredentialsJson(account)));
  const StubServer proxy(stub::Status(503));
  TempFolder folder;
  const Ran ran = RunChatscale({}, {{"METRICS_MODE", "demo"},
                                    {"METRICS_EXPORT_CLOUDWATCH", "1"},
                                    {"METRICS_RUN_ONCE", "1"},
                                    {"METRICS_EXPORT_INTERVAL_SEC", "1"},
                                    {"METRICS_REQUEST_TIMEOUT_SEC", "1"},
                                    {"http_proxy", proxy.url()},
                                    {"HOME", folder.Path("home")},
                                    {"AWS_REGION", "eu-west-1"},
                                    {"AWS_ENDPOINT_URL", "http://monitoring.invalid"},
                                    {"AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url()}});
  EXPECT_EQ(ran.code, 1) << ran.err;
  EXPECT_EQ(metadata.Requests().size(), 3);
  ASSERT_EQ(proxy.Requests().size(), 1);
  EXPECT_EQ(proxy.Requests()[0].target, "http://monitoring.invalid/");
}

// Each sink in turn, in every way at hand, while the other delivers.
TEST(SinksE2e, SinkFaultsDoNotAffectTheOtherSinkAndRecover) {
  struct Peer {
    const char* sink;
    StubServer server{stub::Status(200)};
  } peers[] = {{"pushgateway"}, {"cloudwatch"}};
  const AwsAccount account;
  const std::string soon =
      absl::FormatTime(absl::RFC3339_full, absl::Now() + absl::Seconds(2), absl::UTCTimeZone());
  StubServer agent(ContainerAgent("/v1", "", CredentialsJson(account, soon)));  // asked each time
  TempFolder folder;
  Variables variables = PushedTo(peers[0].server.url());
  variables.insert(variables.end(),
                   {{"METRICS_EXPORT_CLOUDWATCH", "1"},
                    {"METRICS_REQUEST_TIMEOUT_SEC", "1"},
                    {"HOME", folder.Path("home")},
                    {"AWS_REGION", "eu-west-1"},
                    {"AWS_ENDPOINT_URL", peers[1].server.url()},
                    {"AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url() + "/v1"},
                    // Else it keeps what was freed, to find who still uses it.
                    {"ASAN_OPTIONS", "quarantine_size_mb=1:thread_local_quarantine_size_kb=16"}});
  const Chatscale demo = StartChatscale(variables);
  ASSERT_TRUE(demo.listening());
  const auto up = [](const char* sink, const char* state) {
    return std::string("chat_exporter_sink_up{sink=\"") + sink + "\"} " + state + "\n";
  };
  const auto delivered = [&](const char* sink) {
    return std::stod(
        ValueOf(demo.Metrics(), std::string("chat_exporter_sink_deliveries_total{sink=\"") + sink +
                                    "\",result=\"delivered\"}"));
  };
  const auto round = [&](const Peer& failing, const Peer& other, StubServer& at,
                         const StubBehaviour& fault) {
    EXPECT_THAT(demo.AwaitMetric(up(failing.sink, "1")), HasSubstr(up(failing.sink, "1")));
    const double before = delivered(other.sink);
    at.SetBehaviour(fault);
    EXPECT_THAT(demo.AwaitMetric(up(failing.sink, "0")), HasSubstr(up(failing.sink, "0")));
    EXPECT_LT(Fetch(demo.port(), "/metrics").took, absl::Milliseconds(500));
    for (int i = 0; i < 200 && delivered(other.sink) < before + 1; ++i) {
      absl::SleepFor(absl::Milliseconds(50));
    }
    EXPECT_GE(delivered(other.sink), before + 1);
    EXPECT_THAT(demo.Metrics(), HasSubstr(up(other.sink, "1")));
  };
  const auto mended = [&](const Peer& failing, StubServer& at, const StubBehaviour& good) {
    at.SetBehaviour(good);
    EXPECT_THAT(demo.AwaitMetric(up(failing.sink, "1"), absl::Seconds(5)),
                HasSubstr(up(failing.sink, "1")));
  };
  const auto resident = [&] {
    return std::stod(ValueOf(demo.Metrics(), "process_resident_memory_bytes"));
  };
  double first = 0;
  for (const StubBehaviour& fault :
       {stub::Status(500), stub::Hang(), stub::Raw(""), stub::HangAfterHeaders(),
        stub::TruncatedBody("half"), stub::Status(403)}) {
    for (const int failing : {0, 1}) {
      round(peers[failing], peers[1 - failing], peers[failing].server, fault);
      mended(peers[failing], peers[failing].server, stub::Status(200));
    }
    if (first == 0) first = resident();
  }
  round(peers[1], peers[0], agent, stub::Hang());  // what we had has expired
  mended(peers[1], agent, ContainerAgent("/v1", "", CredentialsJson(account)));
#ifndef __SANITIZE_THREAD__  // there a shadow of all that was touched counts as ours
  EXPECT_LT(resident(), first + 8e6);
#endif
}

TEST(SinksE2e, SnapshotMatchesWhatSinksSend) {
  using nlohmann::json;
  const AwsAccount account;
  const CloudWatchEndpoint endpoint(account);
  const TempFolder folder;
  const Variables variables = {
      {"METRICS_MODE", "demo"},
      {"METRICS_STATE_FILE", WriteFreshState(folder, {"demo", "demo"}, 2, 3)},
      {"METRICS_EXPORT_CLOUDWATCH", "1"},
      {"METRICS_CLOUDWATCH_HIGH_RESOLUTION", "1"},
      {"METRICS_RUN_ONCE", "1"},
      {"METRICS_PROM_PUSHGATEWAY_URL", "http://ops:canary@gateway"},
      {"METRICS_PROM_GROUPING_LABELS_JSON", R"({"env":"test"})"},
      {"AWS_REGION", "eu-west-1"},
      {"AWS_ENDPOINT_URL", endpoint.url()},
      {"AWS_ACCESS_KEY_ID", account.key_id},
      {"AWS_SECRET_ACCESS_KEY", account.secret}};
  const auto snapshot = [&](const char* format) {
    const Ran ran = RunChatscale({"snapshot", "--format", format}, variables);
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_THAT(ran.out, Not(HasSubstr("canary")));
    return ran.out;
  };
  // The demo's first round is always the same, but for the time.
  const json shown = json::parse(snapshot("cloudwatch"));
  EXPECT_TRUE(endpoint.Taken().empty());
  ASSERT_EQ(RunChatscale({}, variables).code, 0);
  const json sent = endpoint.Taken().at(0);
  EXPECT_EQ(shown.at("Namespace"), sent.at("namespace"));
  ASSERT_EQ(shown.at("MetricData").size(), sent.at("data").size());
  for (std::size_t i = 0; i < sent.at("data").size(); ++i) {
    const json& one = shown.at("MetricData")[i];
    const json& other = sent.at("data")[i];
    EXPECT_EQ(one.at("MetricName"), other.at("name"));
    EXPECT_EQ(one.at("Value"), other.at("value")) << other;
    EXPECT_EQ(one.at("Unit"), other.at("unit"));
    EXPECT_EQ(one.at("StorageResolution"), other.at("resolution"));
    for (const json& dimension : one.at("Dimensions")) {
      EXPECT_EQ(dimension.at("Value"), other.at("dimensions").at(dimension.at("Name")));
    }
  }
  const std::string pushed = snapshot("pushgateway");
  EXPECT_THAT(pushed, StartsWith("# PUT /metrics/job/kdcube_metrics/env/test\n# HELP "));
  EXPECT_THAT(pushed, HasSubstr("\nchat_recommender_desired_replicas{"));
  EXPECT_TRUE(json::parse(snapshot("otlp")).at("resourceMetrics").size() == 2);
}

TEST(SinksE2e, WarnsOfScheduleWithoutSink) {
  const TempFolder folder;
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"},
                                   {"METRICS_SCHEDULER_ENABLED", "1"},
                                   {"METRICS_WEB_BEARER_TOKEN_FILE", folder.Write("token", "t")}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  EXPECT_EQ(demo.Ask("/metrics/export").status, 404);
  EXPECT_THAT(demo.process().Err(), HasSubstr("no sink to export to"));
}

}  // namespace
}  // namespace chatscale
