#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/metrics/self_metrics.h"
#include "exporter/sinks/text_sinks.h"
#include "tests/support/pushgateway.h"
#include "tests/support/stub_behaviours.h"
#include "tests/support/stub_server.h"
#include "tests/support/test_certificates.h"

namespace chatscale {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr absl::Duration kPushTimeout = absl::Seconds(10);

Publication WithQueues(const std::vector<std::pair<const char*, double>>& queues) {
  auto view = std::make_shared<View>();
  for (const auto& [tenant, tasks] : queues) {
    TargetView& target = view->targets.emplace_back();
    target.target = {tenant, "p"};
    target.snapshot.emplace().queue.total = tasks;
  }
  Publication publication;
  publication.view = std::move(view);
  publication.options.self = std::make_shared<SelfMetrics>();
  return publication;
}

PushgatewayOptions To(const std::string& url) { return {.url = url, .job = "chat"}; }

TEST(PushgatewayPath, EncodesTheGroupingKey) {
  EXPECT_EQ(PushgatewayPath("kdcube_metrics", {}), "/metrics/job/kdcube_metrics");
  EXPECT_EQ(PushgatewayPath("j", {{"tenant", "a b+c?#%"}, {"env", "prod-1_~."}}),
            "/metrics/job/j/tenant/a%20b%2Bc%3F%23%25/env/prod-1_~.");
  EXPECT_EQ(PushgatewayPath("a/b", {{"empty", ""}, {"up", ".."}}),
            "/metrics/job@base64/YS9i/empty@base64/=/up@base64/Li4");
}

TEST(PushgatewaySink, PushReplacesTheWholeGroup) {
  const Pushgateway gateway;
  PushgatewaySink sink(To(gateway.url()));
  ASSERT_TRUE(sink.Deliver(WithQueues({{"a", 5}, {"b", 6}}), kPushTimeout).ok());
  const std::string both = gateway.Metrics();
  EXPECT_THAT(both, HasSubstr("chat_proc_queue_total{instance=\"\",job=\"chat\",project=\"p\","
                              "tenant=\"a\"} 5\n"));
  EXPECT_THAT(both, HasSubstr("tenant=\"b\"} 6\n"));
  EXPECT_THAT(both, HasSubstr("push_time_seconds{instance=\"\",job=\"chat\"}"));
  ASSERT_TRUE(sink.Deliver(WithQueues({{"b", 7}}), kPushTimeout).ok());
  const std::string one = gateway.Metrics();
  EXPECT_THAT(one, HasSubstr("tenant=\"b\"} 7\n"));
  EXPECT_THAT(one, Not(HasSubstr("tenant=\"a\"")));
  EXPECT_TRUE(sink.End(kPushTimeout).ok());
  EXPECT_EQ(gateway.Groups().size(), 1) << "left, unless told otherwise";
}

TEST(PushgatewaySink, AcceptsAnyGroupingLabelValue) {
  const Pushgateway gateway;
  const std::vector<std::pair<std::string, std::string>> grouping = {
      {"slash", "a/b//c"}, {"empty", ""}, {"plain", "ü ?&#%/"}, {"dots", ".."}, {"plus", "a+b c"}};
  PushgatewayOptions options = To(gateway.url());
  options.job = "jobs/of all+kinds";
  options.grouping = grouping;
  PushgatewaySink sink(options);
  const absl::Status pushed = sink.Deliver(WithQueues({{"a", 5}}), kPushTimeout);
  ASSERT_TRUE(pushed.ok()) << pushed;
  json expected = {{"job", options.job}};
  for (const auto& [name, value] : grouping) expected[name] = value;
  ASSERT_EQ(gateway.Groups().size(), 1);
  EXPECT_EQ(gateway.Groups()[0].at("labels"), expected);
}

TEST(PushgatewaySink, DeletesItsGroupAtEndIfEnabled) {
  const Pushgateway gateway;
  PushgatewayOptions options = To(gateway.url());
  options.delete_at_end = true;
  options.grouping = {{"tenant", "a/b"}};
  PushgatewaySink sink(options);
  ASSERT_TRUE(
      PushgatewaySink(To(gateway.url())).Deliver(WithQueues({{"x", 1}}), kPushTimeout).ok());
  ASSERT_TRUE(sink.Deliver(WithQueues({{"a/b", 5}}), kPushTimeout).ok());
  ASSERT_EQ(gateway.Groups().size(), 2);
  EXPECT_TRUE(sink.End(kPushTimeout).ok());
  const json left = gateway.AwaitGroups(1);
  ASSERT_EQ(left.size(), 1);
  EXPECT_EQ(left[0].at("labels"), json({{"job", "chat"}})) << "somebody else's";
}

TEST(PushgatewaySink, RejectedPushIsReportedAndNotRetried) {
  const Pushgateway gateway;
  PushgatewayOptions options = To(gateway.url());
  options.grouping = {{"tenant", "one"}};  // takes the place of a and b
  const absl::Status refused =
      PushgatewaySink(options).Deliver(WithQueues({{"a", 5}, {"b", 6}}), kPushTimeout);
  if (gateway.Log().find("panic serving") != std::string::npos) {
    EXPECT_FALSE(refused.ok());
    GTEST_SKIP()
        << "Pushgateway 1.11.0 panics where it means to refuse: prometheus/pushgateway#766";
  }
  EXPECT_THAT(std::string(refused.message()), HasSubstr("HTTP status 400: "));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("chat_proc_queue_total"));
  EXPECT_FALSE(WorthRetrying(refused));
}

TEST(PushgatewaySink, AuthenticatesOverTls) {
  const TestCertificates certificates;
  // Made by crypt(3): "se:cret".
  const Pushgateway gateway(
      "tls_server_config: {cert_file: " + certificates.server.cert +
      ", key_file: " + certificates.server.key +
      "}\nbasic_auth_users: {ops: $2b$04$oIYQ9M/5FFfYad4DaajjguxDMU03jL55Agu9JFP4XcIXuD5LR99vi}\n");
  const std::string host = "127.0.0.1:" + std::to_string(gateway.port());
  TempFolder folder;
  PushgatewayOptions options = To("https://" + host);
  options.http.ca_file = certificates.authority.cert;
  EXPECT_THAT(std::string(PushgatewaySink(options).Deliver(WithQueues({}), kPushTimeout).message()),
              HasSubstr("HTTP status 401"));
  options.user = "ops";
  options.password_file = folder.Write("password", "se:cret\n");
  absl::Status pushed = PushgatewaySink(options).Deliver(WithQueues({{"a", 5}}), kPushTimeout);
  EXPECT_TRUE(pushed.ok()) << pushed;
  options = To("https://ops:se%3Acret@" + host);
  options.http.ca_file = certificates.authority.cert;
  pushed = PushgatewaySink(options).Deliver(WithQueues({{"a", 5}}), kPushTimeout);
  EXPECT_TRUE(pushed.ok()) << pushed;
  options.http.ca_file = certificates.other_authority.cert;
  pushed = PushgatewaySink(options).Deliver(WithQueues({{"a", 5}}), kPushTimeout);
  EXPECT_TRUE(WorthRetrying(pushed)) << pushed;
  EXPECT_THAT(std::string(pushed.message()), Not(HasSubstr("cret")));
}

TEST(PushgatewaySink, ReportsUnreadablePasswordFile) {
  PushgatewayOptions options = To("http://127.0.0.1:1");
  options.user = "ops";
  options.password_file = "/gone/password";
  EXPECT_THAT(std::string(PushgatewaySink(options).Deliver(WithQueues({}), kPushTimeout).message()),
              HasSubstr("/gone/password"));
}

TEST(PushgatewaySink, RetriesUnreachableOrBusyGateway) {
  const auto deliver = [](const std::string& url) {
    return PushgatewaySink(To(url)).Deliver(WithQueues({{"a", 5}}), absl::Milliseconds(300));
  };
  EXPECT_TRUE(WorthRetrying(deliver("http://ops:cret@127.0.0.1:1")));
  EXPECT_EQ(deliver("http://ops:cret@127.0.0.1:1").message().find("cret"), std::string::npos);
  StubServer server(stub::Status(503));
  EXPECT_TRUE(WorthRetrying(deliver(server.url())));
  server.SetBehaviour(stub::Hang());
  const absl::Status late = deliver(server.url());
  EXPECT_TRUE(WorthRetrying(late)) << late;
  ASSERT_FALSE(server.Requests().empty());
  EXPECT_EQ(server.Requests()[0].method, "PUT");
  EXPECT_EQ(server.Requests()[0].target, "/metrics/job/chat");
}

}  // namespace
}  // namespace chatscale
