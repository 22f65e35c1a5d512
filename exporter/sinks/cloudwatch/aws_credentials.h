// Who we are to AWS.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace chatscale {

struct AwsCredentials {
  std::string key_id;
  std::string secret;
  std::string session_token;  // empty: none
};

// Where they come from. Used by one thread.
class AwsCredentialSource {
 public:
  virtual ~AwsCredentialSource() = default;

  // Valid now, or why there are none; no message holds any of them.
  virtual absl::StatusOr<AwsCredentials> Get(absl::Time now, absl::Duration timeout) = 0;
};

// The same ones for ever.
class FixedAwsCredentials : public AwsCredentialSource {
 public:
  explicit FixedAwsCredentials(AwsCredentials credentials) : credentials_(std::move(credentials)) {}
  absl::StatusOr<AwsCredentials> Get(absl::Time /*now*/, absl::Duration /*timeout*/) override {
    return credentials_;
  }

 private:
  const AwsCredentials credentials_;
};

}  // namespace chatscale
