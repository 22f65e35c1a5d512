// Authentication of clients, thread-safe: users and client certificates of --web.config.file, and a
// bearer token. A reload is refused when a file is invalid or would weaken authentication.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "exporter/server/message.h"
#include "exporter/server/tls_server.h"
#include "exporter/server/web_config.h"

namespace chatscale {

// Rate limit of password verifications by network (see Connection), as each costs a hash (brute
// force). Pure but for its state; one thread at a time.
class PasswordRateLimiter {
 public:
  static constexpr double kAtOnce = 5;
  static constexpr double kPerSecond = 1;
  static constexpr std::size_t kMostNetworks = 1'024;  // all others share one budget

  // Takes one attempt; false when none is left.
  bool Spend(std::string_view network, absl::Time now);
  // Its authentication failed within ten minutes, or its budget is not full.
  bool HasFailed(std::string_view network, absl::Time now) const;
  void RecordFailure(std::string_view network, absl::Time now) { Of(network, now).failed_at = now; }
  // Returns one attempt: the authentication succeeded.
  void Refund(std::string_view network, absl::Time now);

 private:
  struct Budget {
    double left = kAtOnce;
    absl::Time at;
    absl::Time failed_at = absl::InfinitePast();
  };
  Budget& Of(std::string_view network, absl::Time now);

  std::map<std::string, Budget, std::less<>> budgets_;
};

class Credentials;

struct AccessOptions {
  std::string config_file;  // empty: HTTP, no users
  std::string token_file;   // empty: no token
  // Callback, once for each change of the files: OK, or why they are not used.
  std::function<void(const absl::Status&)> reloaded = {};
};

class Access final : public Authenticator {
 public:
  // An error names the file or its key, and says what is wrong.
  static absl::StatusOr<std::unique_ptr<Access>> Create(AccessOptions options);

  // False: no file is given, and the listener needs no authenticator.
  bool configured() const { return !options_.config_file.empty() || !options_.token_file.empty(); }
  bool https() const { return https_; }  // as at the start: a reload cannot change it
  // Clients must authenticate, with a password, a token or a verified certificate.
  bool Authenticates() const;
  bool RequiresClientCertificate() const;
  std::shared_ptr<const TlsServer> Tls() const;

  // Reads the files again. Blocks while they are read.
  absl::Status Reload();
  // The last reload succeeded.
  bool current() const;

  Verdict Check(const AuthRequest& request) override;
  Verdict Verify(const AuthRequest& request) override;
  void Abandon(const AuthRequest& request) override;
  std::shared_ptr<const Headers> ExtraHeaders() const override;

 private:
  struct Rules;
  using SharedRules = std::shared_ptr<const Rules>;

  explicit Access(AccessOptions options);
  absl::StatusOr<std::shared_ptr<Rules>> Read() const;
  absl::Status MayReplace(const Rules& now, const Rules& next) const;
  // Builds what depends on the files. Clients authenticated by `before` (may be null) stay so.
  absl::Status Complete(Rules& rules, const Credentials* before) const;
  SharedRules Now() const;
  bool WithinRate(const Rules& rules, absl::Time now);

  const AccessOptions options_;
  bool https_ = false;

  mutable std::mutex mutex_;
  SharedRules rules_ ABSL_GUARDED_BY(mutex_);
  std::string fault_ ABSL_GUARDED_BY(mutex_);  // of the last reload
  PasswordRateLimiter rate_limiter_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string, std::less<>> authenticated_networks_
      ABSL_GUARDED_BY(mutex_);                    // a password was right
  double allowance_ ABSL_GUARDED_BY(mutex_) = 0;  // of rate_limit
  absl::Time allowed_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int verifying_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace chatscale
