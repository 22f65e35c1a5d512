// Who we are to AWS, and where that is known from.
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

}  // namespace chatscale
