// CloudWatch sink: exports samples for target tracking and step scaling of ECS services.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "exporter/http/http_client.h"
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/naming.h"
#include "exporter/sinks/aws_credentials.h"
#include "exporter/sinks/http_outcome.h"
#include "exporter/sinks/sink.h"

namespace chatscale {

using Dimensions = std::vector<std::pair<std::string, std::string>>;

struct MetricDatum {
  std::string name;
  Dimensions dimensions;
  std::string_view unit;  // "Seconds", "Count", …
  double value = 0;
  absl::Time at;  // when the value held
};

// The promised gauges of every target under CloudWatch names ("chat/proc/queue/total"); absent
// values are skipped. `dimensions` come first, replace labels of the same name, and are dropped
// first beyond 30. `name_targets`: `tenant` and `project` are dimensions too. Pure.
std::vector<MetricDatum> MetricDataOf(const Publication& publication, const Dimensions& dimensions,
                                      bool name_targets);

inline constexpr std::size_t kMostData = 1000;        // per request
inline constexpr std::size_t kMostBytes = 1'000'000;  // per request, before compression

// Bodies of PutMetricData requests within these limits, in the form encoding of CloudWatch's Query
// protocol; none without data. Pure.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
std::vector<std::string> PutMetricDataForms(std::string_view name_space,
                                            const std::vector<MetricDatum>& data,
                                            bool high_resolution);

// One request with all data as JSON, for people and for `aws cloudwatch put-metric-data
// --cli-input-json`.
std::string PutMetricDataJson(std::string_view name_space, const std::vector<MetricDatum>& data,
                              bool high_resolution);

struct CloudWatchOptions {
  bool enabled = false;
  std::string endpoint;  // empty: the region's endpoint
  std::string region;
  std::string name_space = "KDCube/Metrics";
  Dimensions dimensions;
  bool name_targets = true;      // `tenant` and `project` are dimensions too
  bool high_resolution = false;  // stored at 1 s resolution for three hours
  AwsCredentialsOptions credentials;
};

// "https://monitoring.eu-west-1.amazonaws.com"
std::string EndpointOfRegion(std::string_view region);

class CloudWatchSink : public Sink {
 public:
  CloudWatchSink(CloudWatchOptions options, FetchAwsCredentials credentials);

  std::string_view name() const override { return "cloudwatch"; }
  absl::Status Deliver(const Publication& publication, absl::Duration timeout) override;

 private:
  absl::Status SignAndSend(const std::string& form, absl::Duration timeout);
  HttpRequest Signed(const AwsCredentials& credentials, const std::string& form) const;

  const CloudWatchOptions options_;
  const std::string endpoint_;
  AwsCredentialSource credentials_;
  HttpClient client_{{.environment_proxy = true}};
  Parts parts_;
};

}  // namespace chatscale
