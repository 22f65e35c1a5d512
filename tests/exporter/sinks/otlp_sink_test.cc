#include "exporter/sinks/otlp_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "exporter/metrics/self_metrics.h"
#include "tests/support/stub_behaviours.h"
#include "tests/support/stub_server.h"

namespace chatscale {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr absl::Duration kOtlpTimeout = absl::Seconds(20);

Publication Queues(int targets, const std::string& tenant = "acme-") {
  auto view = std::make_shared<View>();
  view->built_at = absl::FromUnixSeconds(1'700'000'020);
  for (int i = 0; i < targets; ++i) {
    TargetView& target = view->targets.emplace_back();
    target.target = {tenant + std::to_string(i), "p"};
    target.snapshot.emplace().queue.total = i;
    target.at.proc = absl::FromUnixSeconds(1'700'000'000);
  }
  Publication publication;
  publication.view = std::move(view);
  publication.options.self = std::make_shared<SelfMetrics>();
  return publication;
}

// The metrics of that name, of all resources.
std::vector<json> Named(const std::string& request, const std::string& name) {
  std::vector<json> found;
  const json parsed = json::parse(request);
  for (const json& resource : parsed.at("resourceMetrics")) {
    for (const json& metric : resource.at("scopeMetrics")[0].at("metrics")) {
      if (metric.at("name") == name) found.push_back(metric);
    }
  }
  return found;
}

TEST(OtlpJson, WritesGaugesAndSumsWithSampleTimestamps) {
  const std::vector<std::string> requests = OtlpRequests(Queues(1, "ü\"-"), {{"env", "test"}});
  ASSERT_EQ(requests.size(), 1);
  const std::vector<json> totals = Named(requests[0], "chat.proc.queue.total");
  ASSERT_EQ(totals.size(), 1);
  EXPECT_EQ(totals[0].at("unit"), "1");
  EXPECT_EQ(totals[0].at("gauge").at("dataPoints"), json::parse(R"([{
    "attributes": [{"key": "tenant", "value": {"stringValue": "ü\"-0"}},
                   {"key": "project", "value": {"stringValue": "p"}}],
    "timeUnixNano": "1700000000000000000", "asDouble": 0.0}])"));
  const std::vector<json> cpu = Named(requests[0], "process.cpu_seconds_total");
  ASSERT_EQ(cpu.size(), 1);
  EXPECT_EQ(cpu[0].at("unit"), "s");
  EXPECT_EQ(cpu[0].at("sum").at("isMonotonic"), true);
  EXPECT_EQ(cpu[0].at("sum").at("aggregationTemporality"), 2);
  const json& point = cpu[0].at("sum").at("dataPoints")[0];
  EXPECT_EQ(point.at("startTimeUnixNano"),
            std::to_string(absl::ToInt64Nanoseconds(absl::Seconds(ProcessStartTime().value()))));
  EXPECT_EQ(point.at("timeUnixNano"), "1700000020000000000");
  const json resource = json::parse(requests[0])["resourceMetrics"][0]["resource"];
  EXPECT_EQ(resource.at("attributes")[0].at("key"), "env");
}

TEST(OtlpJson, OmitsValuesWithoutTimestamp) {
  Publication publication = Queues(1);
  auto view = std::make_shared<View>(*publication.view);
  view->targets[0].at.proc.reset();
  publication.view = view;
  EXPECT_TRUE(Named(OtlpRequests(publication, {})[0], "chat.proc.queue.total").empty());
}

TEST(OtlpJson, SplitsRequestsAtAboutOneMebibyte) {
  const std::vector<std::string> requests = OtlpRequests(Queues(3000), {});
  EXPECT_GT(requests.size(), 1);
  std::size_t points = 0;
  for (const std::string& request : requests) {
    EXPECT_LE(request.size(), std::size_t{1100} << 10);
    points += Named(request, "chat.proc.queue.total").size();
  }
  EXPECT_EQ(points, 3000);
}

OtlpOptions To(const StubServer& server) {
  return {.endpoint = server.url(), .headers = {{"Api-Key", "canary"}}};
}

TEST(OtlpSink, PostsToConfiguredPathWithHeaders) {
  StubServer server(stub::Answer("{}"));
  EXPECT_TRUE(OtlpSink(To(server)).Deliver(Queues(1), kOtlpTimeout).ok());
  OtlpOptions options = To(server);
  options.endpoint += "/otlp/v1/metrics";
  EXPECT_TRUE(OtlpSink(options).Deliver(Queues(1), kOtlpTimeout).ok());
  const std::vector<StubRequest> requests = server.Requests();
  ASSERT_EQ(requests.size(), 2);
  EXPECT_EQ(requests[0].target, "/v1/metrics");
  EXPECT_EQ(requests[0].Header("api-key"), "canary");
  EXPECT_EQ(requests[0].Header("content-type"), "application/json");
  EXPECT_EQ(requests[0].Header("content-encoding"), "gzip");
  EXPECT_EQ(requests[0].body.substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(requests[1].target, "/otlp/v1/metrics");
}

TEST(OtlpSink, PartialSuccessIsReportedAndNotRetried) {
  struct Row {
    const char* answer;
    const char* error;  // "": success
  };
  for (const Row& row :
       {Row{R"({"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"too\nold"}})",
            "3 data points rejected: too"},
        {R"({"partialSuccess":{"rejectedDataPoints":2}})", "2 data points rejected"},
        {R"({"partialSuccess":{"errorMessage":"a warning"}})", ""},
        {R"({"partialSuccess":{}})", ""},
        {"", ""},
        {"nonsense", ""}}) {
    StubServer server(stub::Answer(row.answer));
    const absl::Status delivered = OtlpSink(To(server)).Deliver(Queues(1), kOtlpTimeout);
    EXPECT_EQ(delivered.ok(), *row.error == '\0') << row.answer;
    EXPECT_THAT(std::string(delivered.message()), HasSubstr(row.error));
    EXPECT_FALSE(WorthRetrying(delivered)) << row.answer;
  }
}

TEST(OtlpSink, ReportsRejectionsFromBeforeARetry) {
  std::atomic<int> requests = 0;
  StubServer server([&](const StubRequest& request, StubConnection& connection) {
    const int number = ++requests;
    if (number == 2) return stub::Status(503)(request, connection);
    return stub::Answer(number == 1 ? R"({"partialSuccess":{"rejectedDataPoints":"3"}})" : "{}")(
        request, connection);
  });
  OtlpSink sink(To(server));
  const Publication publication = Queues(3000);
  EXPECT_TRUE(WorthRetrying(sink.Deliver(publication, kOtlpTimeout)));
  const absl::Status delivered = sink.Deliver(publication, kOtlpTimeout);
  EXPECT_THAT(std::string(delivered.message()), HasSubstr("3 data points rejected"));
  EXPECT_TRUE(sink.Deliver(Queues(1), kOtlpTimeout).ok());
}

TEST(OtlpSink, RetriesTransientErrorsAndRedactsSecrets) {
  StubServer server(stub::Status(429));
  OtlpSink sink(To(server));
  for (const int again : {429, 502, 503, 504}) {
    server.SetBehaviour(stub::Status(again));
    EXPECT_TRUE(WorthRetrying(sink.Deliver(Queues(1), kOtlpTimeout))) << again;
  }
  for (const int never : {400, 404, 500, 501, 505}) {
    server.SetBehaviour(stub::Status(never));
    EXPECT_FALSE(WorthRetrying(sink.Deliver(Queues(1), kOtlpTimeout))) << never;
  }
  server.SetBehaviour(stub::Status(400, "no metric is called so"));
  EXPECT_THAT(std::string(sink.Deliver(Queues(1), kOtlpTimeout).message()),
              HasSubstr("no metric is called so"));
  OtlpOptions known = To(server);
  known.headers.emplace_back("Authorization", "Bearer canary");
  server.SetBehaviour(stub::Status(400, "not welcome: Bearer canary"));
  EXPECT_EQ(OtlpSink(known).Deliver(Queues(1), kOtlpTimeout).message(), "HTTP status 400");
  server.SetBehaviour(stub::Status(401, "canary"));
  const absl::Status refused = sink.Deliver(Queues(1), kOtlpTimeout);
  EXPECT_FALSE(WorthRetrying(refused));
  EXPECT_THAT(std::string(refused.message()), Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace chatscale
