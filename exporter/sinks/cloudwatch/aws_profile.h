// Credentials of a profile in the file that all AWS tools share.
// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
#pragma once

#include <string>

#include "exporter/sinks/cloudwatch/aws_credentials.h"

namespace chatscale {

// From `text`; the error names `path` and `profile`.
absl::StatusOr<AwsCredentials> AwsCredentialsOfProfile(std::string_view text,
                                                       const std::string& path,
                                                       const std::string& profile);

// The file is read again each time a minute has passed: it may be replaced.
FetchAwsCredentials FromAwsProfile(std::string path, std::string profile);

}  // namespace chatscale
