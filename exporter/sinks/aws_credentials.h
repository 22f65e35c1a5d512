// AWS credentials, and where they are loaded from: the environment, a profile, a container, an
// instance.
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

// Where they come from: the key where there is one; else a profile of a file, what a container is
// given, an instance's role.
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

// Asks for them once. An error says where, and holds none of them.
using FetchAwsCredentials = std::function<absl::StatusOr<AwsCredentials>(absl::Duration timeout)>;

// Asked again five minutes before they expire; until they do, those we have are good enough if that
// fails. Used by one thread.
class AwsCredentialSource {
 public:
  explicit AwsCredentialSource(FetchAwsCredentials fetch) : fetch_(std::move(fetch)) {}

  absl::StatusOr<AwsCredentials> Get(absl::Time now, absl::Duration timeout);
  // AWS refused what we have: forget it.
  void Forget() { kept_ = {.expires = absl::InfinitePast()}; }

 private:
  const FetchAwsCredentials fetch_;
  AwsCredentials kept_{.expires = absl::InfinitePast()};
};

// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"} of a metadata service; "Code", where
// there is one, must be "Success". `whose` begins the error.
absl::StatusOr<AwsCredentials> AwsCredentialsFromJson(std::string_view json,
                                                      std::string_view whose);

// Credentials from the services that hand them out beside a container or an instance.

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

// Credentials of a profile in the file that all AWS tools share.
// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html

// From `text`; the error names `path` and `profile`.
absl::StatusOr<AwsCredentials> AwsCredentialsOfProfile(std::string_view text,
                                                       const std::string& path,
                                                       const std::string& profile);

// The file is read again each time a minute has passed: it may be replaced.
FetchAwsCredentials FromAwsProfile(std::string path, std::string profile);

FetchAwsCredentials FetchFrom(const AwsCredentialsOptions& options);

}  // namespace chatscale
