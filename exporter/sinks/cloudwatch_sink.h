// Samples as CloudWatch has them: the promised names ("chat.proc.queue.total" is
// "chat/proc/queue/total"), each a gauge of one target at one instant. Pure.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "exporter/http/http_client.h"
#include "exporter/metrics/cloudwatch_text.h"
#include "exporter/metrics/publication.h"
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
  absl::Time at;  // when the value was true
};

// Nothing for what is absent. `dimensions` come before those of the samples, and replace such of
// the same name, and give way where there would be more than 30; `tenant` and `project` of a target
// are among those where `name_targets` says so.
std::vector<MetricDatum> MetricDataOf(const Publication& publication, const Dimensions& dimensions,
                                      bool name_targets);

// MetricDatum values as bodies of PutMetricData requests, in the form encoding of CloudWatch's
// Query protocol. Pure.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html

inline constexpr std::size_t kMostData = 1000;        // in one request
inline constexpr std::size_t kMostBytes = 1'000'000;  // of one request, before compression

// As many as the limits ask for, none without data.
std::vector<std::string> PutMetricDataForms(std::string_view name_space,
                                            const std::vector<MetricDatum>& data,
                                            bool high_resolution);

// The same for people, and for `aws cloudwatch put-metric-data --cli-input-json`: one request with
// all data, in JSON.
std::string PutMetricDataJson(std::string_view name_space, const std::vector<MetricDatum>& data,
                              bool high_resolution);

// Samples to Amazon CloudWatch, for target tracking and step scaling of ECS services.

struct CloudWatchOptions {
  bool enabled = false;
  std::string endpoint;  // empty: that of the region
  std::string region;
  std::string name_space = "KDCube/Metrics";
  Dimensions dimensions;
  bool name_targets = true;      // their names are dimensions too
  bool high_resolution = false;  // kept by the second for three hours
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
