#include "exporter/sinks/cloudwatch_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "absl/time/clock.h"
#include "tests/support/cloudwatch_endpoint.h"

namespace chatscale {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr absl::Duration kCloudWatchTimeout = absl::Seconds(20);

TargetView Queue(const std::string& tenant, double tasks, absl::Time at) {
  TargetView target;
  target.target = {tenant, "p"};
  target.snapshot.emplace().queue.total = tasks;
  target.at.proc = at;
  return target;
}

Publication Of(std::vector<TargetView> targets) {
  auto view = std::make_shared<View>();
  view->built_at = absl::Now();
  view->targets = std::move(targets);
  Publication publication;
  publication.view = std::move(view);
  return publication;
}

std::vector<TargetView> Many(int count) {
  std::vector<TargetView> targets;
  for (int i = 0; i < count; ++i) {
    targets.push_back(Queue("tenant-" + std::to_string(i), i, absl::Now()));
  }
  return targets;
}

struct Sent {
  CloudWatchOptions options;
  AwsAccount account;

  std::unique_ptr<CloudWatchSink> Sink(const CloudWatchEndpoint& endpoint) const {
    CloudWatchOptions to = options;
    to.endpoint = endpoint.url();
    to.region = "eu-west-1";
    to.name_space = "KDCube/Metrics";
    const AwsCredentials credentials{account.key_id, account.secret, account.token};
    return std::make_unique<CloudWatchSink>(to,
                                            [credentials](absl::Duration) { return credentials; });
  }
};

TEST(MetricData, HasContractNamesAndSampleTimestamps) {
  const absl::Time at = absl::Now() - absl::Seconds(20);
  TargetView target = Queue("acme", 5, at);
  target.snapshot->sse.connections = 40;  // of ingress, and nobody knows since when
  auto recommendations = std::make_shared<Recommendations>();
  target.built_at = at + absl::Seconds(1);
  for (const Service service : recommender::kServices) {
    recommender::Recommendation& given = recommendations->services[service].recommendation;
    given.service = service;
    given.desired = 3;
    given.current = 2;
    given.fresh = true;
  }
  target.recommendations = recommendations;
  bool total = false, percent = false;
  for (const MetricDatum& datum : MetricDataOf(Of({target}), {{"env", "prod"}}, true)) {
    EXPECT_EQ(datum.name.find('.'), std::string::npos);
    EXPECT_FALSE(datum.name.starts_with("chat/ingress")) << datum.name;
    if (datum.name == "chat/proc/queue/total") {
      total = true;
      EXPECT_EQ(datum.value, 5);
      EXPECT_EQ(datum.unit, "Count");
      EXPECT_EQ(datum.at, at);
      EXPECT_EQ(datum.dimensions,
                (Dimensions{{"env", "prod"}, {"tenant", "acme"}, {"project", "p"}}));
    }
    if (datum.name == "chat/recommender/ratio_percent") {
      percent = true;
      EXPECT_EQ(datum.value, 150);
      EXPECT_EQ(datum.unit, "Percent");
      EXPECT_EQ(datum.at, at + absl::Seconds(1));
      EXPECT_EQ(datum.dimensions[3].first, "component");
    }
  }
  EXPECT_TRUE(total);
  EXPECT_TRUE(percent);
}

TEST(MetricData, OmitsValuesCloudWatchRejects) {
  for (const double value : {1e200, 1e-200, -1e200, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_TRUE(MetricDataOf(Of({Queue("a", value, absl::Now())}), {}, true).empty()) << value;
  }
  for (const absl::Duration off : {-absl::Hours(14 * 24), absl::Hours(2) + absl::Seconds(9)}) {
    EXPECT_TRUE(MetricDataOf(Of({Queue("a", 1, absl::Now() + off)}), {}, true).empty()) << off;
  }
  EXPECT_EQ(MetricDataOf(Of({Queue("a", 0, absl::Now())}), {}, true).size(), 1);
  TargetView silent = Queue("a", 5, absl::Now());
  silent.snapshot.reset();
  EXPECT_TRUE(MetricDataOf(Of({silent}), {}, true).empty());
}

TEST(MetricData, TargetDimensionsAreOptional) {
  const auto data = MetricDataOf(Of({Queue("a", 1, absl::Now())}), {{"env", "prod"}}, false);
  ASSERT_EQ(data.size(), 1);
  EXPECT_EQ(data[0].dimensions, (Dimensions{{"env", "prod"}}));
}

TEST(MetricData, DimensionsAreDistinctAsciiAndNoMoreThanThirty) {
  const auto dimensions = [](const std::string& tenant, const Dimensions& fixed) {
    return MetricDataOf(Of({Queue(tenant, 1, absl::Now())}), fixed, true).at(0).dimensions;
  };
  EXPECT_EQ(dimensions("a", {{"tenant", "fixed"}}),
            (Dimensions{{"tenant", "fixed"}, {"project", "p"}}));
  EXPECT_EQ(dimensions("müller", {})[0].second, "m%C3%BCller");
  EXPECT_NE(dimensions("müller", {}), dimensions("möller", {}));
  EXPECT_EQ(dimensions(" ", {})[0].second, "%20");
  Dimensions many;
  for (int i = 0; i < 30; ++i) many.emplace_back("d" + std::to_string(i), "v");
  const Dimensions cut = dimensions("a", many);
  EXPECT_EQ(cut.size(), 30);
  EXPECT_EQ(cut[27], (std::pair<std::string, std::string>("d27", "v")));
  EXPECT_EQ(cut[28].second, "a");
  EXPECT_EQ(cut[29].second, "p");
}

TEST(PutMetricData, SplitsRequestsAtApiLimits) {
  EXPECT_TRUE(PutMetricDataForms("n", {}, false).empty());
  std::vector<MetricDatum> data(2001, {"name", {}, "Count", 1, absl::UnixEpoch()});
  EXPECT_EQ(PutMetricDataForms("n", data, false).size(), 3);
  data.resize(900);
  for (MetricDatum& datum : data) datum.dimensions = {{"d", std::string(1000, '#')}};
  const std::vector<std::string> forms = PutMetricDataForms("n", data, true);
  EXPECT_EQ(forms.size(), 3);  // 900 x 3 kB
  for (const std::string& form : forms) {
    EXPECT_LE(form.size(), kMostBytes);
    EXPECT_THAT(form, HasSubstr("&MetricData.member.1.MetricName=name&"));
  }
}

TEST(CloudWatchSink, DeliversSignedRequests) {
  for (const std::string token : {"", "FwoGZXIvYXdzEBYaD//+= token"}) {
    Sent sent{.options = {.high_resolution = true}};
    sent.options.dimensions = {{"env", "a b/+&=%~*'"}};
    sent.account.token = token;
    const CloudWatchEndpoint endpoint(sent.account);
    const auto sink = sent.Sink(endpoint);
    const absl::Time at = absl::FromUnixMillis(absl::ToUnixMillis(absl::Now()) - 4321);
    absl::Status delivered = sink->Deliver(Of({Queue("acme", 5.25, at)}), kCloudWatchTimeout);
    ASSERT_TRUE(delivered.ok()) << delivered;
    delivered = sink->Deliver(Of(Many(1500)), kCloudWatchTimeout);
    ASSERT_TRUE(delivered.ok()) << delivered;
    const json taken = endpoint.Taken();
    ASSERT_EQ(taken.size(), 3);
    EXPECT_EQ(taken[0].at("encoding"), "");
    EXPECT_EQ(taken[0].at("namespace"), "KDCube/Metrics");
    const json datum = {
        {"name", "chat/proc/queue/total"},
        {"dimensions", {{"env", "a b/+&=%~*'"}, {"tenant", "acme"}, {"project", "p"}}},
        {"value", 5.25},
        {"unit", "Count"},
        {"timestamp", static_cast<double>(absl::ToUnixMillis(at)) / 1000},
        {"resolution", 1}};
    EXPECT_EQ(taken[0].at("data"), json::array({datum}));
    EXPECT_EQ(taken[1].at("encoding"), "gzip");
    EXPECT_EQ(taken[1].at("data").size(), 1000);
    EXPECT_EQ(taken[2].at("data").size(), 500);
  }
}

TEST(CloudWatchSink, SendsNothingWithoutData) {
  const CloudWatchEndpoint endpoint;
  EXPECT_TRUE(Sent().Sink(endpoint)->Deliver(Of({}), kCloudWatchTimeout).ok());
  EXPECT_TRUE(endpoint.Taken().empty());
}

TEST(CloudWatchSink, AuthenticationErrorsOmitCredentials) {
  AwsAccount theirs;
  theirs.token = "canary-token";
  const CloudWatchEndpoint endpoint(theirs);
  Sent sent;
  sent.account.token = "canary-token";
  sent.account.secret = "canary-secret";
  const Publication publication = Of({Queue("acme", 5, absl::Now())});
  const absl::Status refused = sent.Sink(endpoint)->Deliver(publication, kCloudWatchTimeout);
  EXPECT_EQ(refused.message(), "HTTP status 403: SignatureDoesNotMatch");
  EXPECT_FALSE(WorthRetrying(refused));
  sent.account = theirs;
  sent.account.key_id = "AKIDOTHER";
  EXPECT_EQ(sent.Sink(endpoint)->Deliver(publication, kCloudWatchTimeout).message(),
            "HTTP status 403: InvalidClientTokenId");
}

TEST(CloudWatchSink, RetriesTransientErrorsOnly) {
  CloudWatchEndpoint endpoint;
  const auto sink = Sent().Sink(endpoint);
  struct Row {
    int status;
    const char* code;
    bool again;
  };
  const Row rows[] = {{400, "Throttling", true},
                      {400, "ThrottlingException", true},
                      {503, "ServiceUnavailable", true},
                      {500, "InternalFailure", true},
                      {403, "ExpiredToken", true},
                      {400, "InvalidParameterValue", false},
                      {413, "RequestEntityTooLarge", false}};
  for (const Row& row : rows) {
    endpoint.Fail(row.status, row.code);
    const absl::Status failed = sink->Deliver(Of({Queue("a", 5, absl::Now())}), kCloudWatchTimeout);
    EXPECT_FALSE(failed.ok()) << row.code;
    EXPECT_EQ(WorthRetrying(failed), row.again) << row.code;
  }
}

TEST(CloudWatchSink, RefreshesExpiredCredentials) {
  CloudWatchEndpoint endpoint;
  const AwsAccount account;
  int asked = 0;
  CloudWatchSink sink({.endpoint = endpoint.url(), .region = "eu-west-1", .name_space = "n"},
                      [&](absl::Duration) {
                        ++asked;
                        return AwsCredentials{account.key_id, account.secret};
                      });
  const Publication publication = Of({Queue("a", 5, absl::Now())});
  EXPECT_TRUE(sink.Deliver(publication, kCloudWatchTimeout).ok());
  endpoint.Fail(503, "ServiceUnavailable");
  EXPECT_FALSE(sink.Deliver(publication, kCloudWatchTimeout).ok());
  EXPECT_EQ(asked, 1);
  endpoint.Fail(403, "ExpiredTokenException");
  EXPECT_TRUE(WorthRetrying(sink.Deliver(publication, kCloudWatchTimeout)));
  EXPECT_TRUE(sink.Deliver(publication, kCloudWatchTimeout).ok());
  EXPECT_EQ(asked, 2);
}

TEST(CloudWatchSink, RetryResumesAfterDeliveredRequests) {
  CloudWatchEndpoint endpoint;
  const auto sink = Sent().Sink(endpoint);
  const Publication publication = Of(Many(2500));
  endpoint.Fail(503, "ServiceUnavailable", 1, /*after=*/1);
  EXPECT_FALSE(sink->Deliver(publication, kCloudWatchTimeout).ok());
  EXPECT_EQ(endpoint.Taken().size(), 1);
  EXPECT_TRUE(sink->Deliver(publication, kCloudWatchTimeout).ok());
  const json taken = endpoint.Taken();
  ASSERT_EQ(taken.size(), 3);
  EXPECT_EQ(taken[1].at("data")[0].at("value"), 1000);
  endpoint.Fail(503, "ServiceUnavailable", 1, /*after=*/1);
  EXPECT_FALSE(sink->Deliver(publication, kCloudWatchTimeout).ok());
  EXPECT_TRUE(sink->Deliver(Of(Many(1)), kCloudWatchTimeout).ok());  // newer: from the beginning
  EXPECT_EQ(endpoint.Taken().back().at("data")[0].at("value"), 0);
}

TEST(EndpointOfRegion, UsesTheAwsPartition) {
  EXPECT_EQ(EndpointOfRegion("eu-west-1"), "https://monitoring.eu-west-1.amazonaws.com");
  EXPECT_EQ(EndpointOfRegion("cn-north-1"), "https://monitoring.cn-north-1.amazonaws.com.cn");
}

}  // namespace
}  // namespace chatscale
