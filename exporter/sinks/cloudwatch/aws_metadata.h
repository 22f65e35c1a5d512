// Credentials from the services that hand them out beside a container or an instance.
#pragma once

#include <string>
#include <string_view>

#include "exporter/sinks/cloudwatch/aws_credentials.h"

namespace chatscale {

inline constexpr const char* kEcsHost = "http://169.254.170.2";

// Of an ECS task or an EKS pod. The token goes with the request; its file is read each time, as it
// is replaced before it expires.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
struct ContainerCredentials {
  std::string url;         // whole
  std::string token;       // secret; empty: none
  std::string token_file;  // empty: none
};
FetchAwsCredentials FromContainer(ContainerCredentials from);

// Of an EC2 instance's role, by version 2 of its metadata service; version 1 is not asked.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
FetchAwsCredentials FromInstance(std::string endpoint);

}  // namespace chatscale
