// The server's authenticator: what the file of --web.config.file and the bearer token ask for. What
// cannot be used when they are read again, or would ask for less than before, changes nothing.
// Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
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

// How often an address may have a password checked: guesses cost us a hash each. Pure but for what
// it remembers; one thread at a time.

class FailureBudget {
 public:
  static constexpr double kAtOnce = 5;
  static constexpr double kPerSecond = 1;
  static constexpr std::size_t kMostAddresses = 1'024;  // all others share one budget

  // Takes one try; false when none is left.
  bool Spend(std::string_view address, absl::Time now);
  // It has failed within ten minutes, or asks for the second time at once.
  bool HasFailed(std::string_view address, absl::Time now) const;
  void RecordFailure(std::string_view address, absl::Time now) { Of(address, now).failed_at = now; }
  // It was no guess.
  void Refund(std::string_view address, absl::Time now);

 private:
  struct Budget {
    double left = kAtOnce;
    absl::Time at;
    absl::Time failed_at = absl::InfinitePast();
  };
  Budget& Of(std::string_view address, absl::Time now);

  std::map<std::string, Budget, std::less<>> budgets_;
};

class Credentials;

struct AccessOptions {
  std::string config_file;  // empty: HTTP, and nobody is asked who he is
  std::string token_file;   // empty: no token
  // After files changed: OK, or why they are not used. Once for each change.
  std::function<void(const absl::Status&)> reloaded = {};
};

class Access final : public Authenticator {
 public:
  // An error names the file, or the key of it, and says what is wrong.
  static absl::StatusOr<std::unique_ptr<Access>> Create(AccessOptions options);

  // Whether there is anything to ask or to add; else the listener needs no authenticator.
  bool configured() const { return !options_.config_file.empty() || !options_.token_file.empty(); }
  bool https() const { return https_; }  // as at the start: a change of that is refused
  // Whether who asks must show a password, a token or a verified certificate.
  bool Authenticates() const;
  bool RequiresClientCertificate() const;
  std::shared_ptr<const TlsServer> Tls() const;

  // Reads the files again. Blocks for as long as they do.
  absl::Status Reload();
  // Whether what was read last is in use.
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
  // With what is made of what was read. Whom `before` knew stays known; it may be null.
  absl::Status Complete(Rules& rules, const Credentials* before) const;
  SharedRules Now() const;
  bool WithinRate(const Rules& rules, absl::Time now);

  const AccessOptions options_;
  bool https_ = false;

  mutable std::mutex mutex_;
  SharedRules rules_ ABSL_GUARDED_BY(mutex_);
  std::string fault_ ABSL_GUARDED_BY(mutex_);  // of what was read last
  FailureBudget budget_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string, std::less<>> acquaintances_ ABSL_GUARDED_BY(mutex_);  // addresses
  double allowance_ ABSL_GUARDED_BY(mutex_) = 0;                              // of rate_limit
  absl::Time allowed_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int verifying_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace chatscale
