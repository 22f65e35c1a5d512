// AWS credentials and their providers: the environment, a profile, a container, an instance.
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace chatscale {

struct AwsCredentials {
  std::string key_id;
  std::string secret;
  std::string session_token;  // empty: none
  absl::Time expires = absl::InfiniteFuture();

  friend bool operator==(const AwsCredentials&, const AwsCredentials&) = default;
};

// Settings of the providers, in order of precedence: key, profile in a file, container, instance
// role.
struct AwsCredentialsOptions {
  std::string key_id;         // secret
  std::string secret;         // secret
  std::string session_token;  // secret
  std::string profile;
  std::string credentials_file = "~/.aws/credentials";
  std::string container_relative_uri;
  std::string container_full_uri;
  std::string container_token;  // secret
  std::string container_token_file;
  bool metadata_disabled = false;
  std::string metadata_endpoint = "http://169.254.169.254";
};

// Callback that fetches credentials once. An error names the provider and contains no secret.
using FetchAwsCredentials = std::function<absl::StatusOr<AwsCredentials>(absl::Duration timeout)>;

// Caches credentials, and refreshes them five minutes before they expire. If a refresh fails, they
// stay in use until they expire. Used by one thread.
class AwsCredentialSource {
 public:
  explicit AwsCredentialSource(FetchAwsCredentials fetch) : fetch_(std::move(fetch)) {}

  absl::StatusOr<AwsCredentials> Get(absl::Time now, absl::Duration timeout);
  // Drops credentials that AWS rejected.
  void Forget() { kept_ = {.expires = absl::InfinitePast()}; }

 private:
  const FetchAwsCredentials fetch_;
  AwsCredentials kept_{.expires = absl::InfinitePast()};
};

// Parses {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"} of a metadata service. "Code",
// if present, must be "Success". `whose` begins the error.
absl::StatusOr<AwsCredentials> AwsCredentialsFromJson(std::string_view json,
                                                      std::string_view whose);

inline constexpr const char* kEcsHost = "http://169.254.170.2";

// Container credentials of an ECS task or an EKS pod. The token authenticates the request; its file
// is read each time, because it is replaced before it expires.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
struct ContainerCredentials {
  std::string url;         // complete URL
  std::string token;       // secret; empty: none
  std::string token_file;  // empty: none
};
FetchAwsCredentials FromContainer(ContainerCredentials from);

// Credentials of an EC2 instance's role, by IMDSv2 only.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
FetchAwsCredentials FromInstance(std::string endpoint);

// Credentials of a profile in the shared AWS file; an error names `path` and `profile`.
// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
absl::StatusOr<AwsCredentials> AwsCredentialsOfProfile(std::string_view text,
                                                       const std::string& path,
                                                       const std::string& profile);

// The file is read again every minute, because it may be replaced.
FetchAwsCredentials FromAwsProfile(std::string path, std::string profile);

FetchAwsCredentials FetchFrom(const AwsCredentialsOptions& options);

}  // namespace chatscale
