// Samples to Amazon CloudWatch, for target tracking and step scaling of ECS services.
#pragma once

#include <string>

#include "exporter/http/http_client.h"
#include "exporter/sinks/cloudwatch/aws_credentials.h"
#include "exporter/sinks/cloudwatch/metric_data.h"
#include "exporter/sinks/parts.h"
#include "exporter/sinks/sink.h"

namespace chatscale {

struct CloudWatchOptions {
  std::string endpoint;  // empty: that of the region
  std::string region;
  std::string name_space;
  Dimensions dimensions;
  bool name_targets = true;      // their names are dimensions too
  bool high_resolution = false;  // kept by the second for three hours
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
