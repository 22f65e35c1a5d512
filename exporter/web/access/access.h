// The listener's gatekeeper: what the file of --web.config.file and the bearer token ask for. Both
// are read again when they change; what cannot be used, or would ask for less than before, changes
// nothing. Thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "exporter/net/tls_server.h"
#include "exporter/web/access/failure_budget.h"
#include "exporter/web/access/web_config.h"
#include "exporter/web/listener/gatekeeper.h"

namespace chatscale {

class Credentials;

struct AccessOptions {
  std::string config_file;  // empty: HTTP, and nobody is asked who he is
  std::string token_file;   // empty: no token
  absl::Duration look_every = absl::Seconds(2);
  // After files changed: OK, or why they are not used. Once for each change.
  std::function<void(const absl::Status&)> reloaded = {};
};

class Access final : public Gatekeeper {
 public:
  // An error names the file, or the key of it, and says what is wrong.
  static absl::StatusOr<std::unique_ptr<Access>> Create(AccessOptions options);
  ~Access() override;

  // Whether there is anything to ask or to add; else the listener needs no gatekeeper.
  bool configured() const { return !options_.config_file.empty() || !options_.token_file.empty(); }
  bool https() const { return https_; }  // as at the start: a change of that is refused
  // Whether who asks must show a password, a token or a verified certificate.
  bool Authenticates() const;
  bool RequiresClientCertificate() const;
  std::shared_ptr<const TlsServer> Tls() const;

  // Looks at the files now.
  absl::Status Reload();
  // Whether what was read last is in use.
  bool current() const;

  Verdict Recognise(const Visitor& visitor) override;
  Verdict Ask(const Visitor& visitor) override;
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
  void Watch();

  const AccessOptions options_;
  bool https_ = false;

  mutable std::mutex mutex_;
  SharedRules rules_ ABSL_GUARDED_BY(mutex_);
  std::string fault_ ABSL_GUARDED_BY(mutex_);  // of what was read last
  FailureBudget budget_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string, std::less<>> acquaintances_ ABSL_GUARDED_BY(mutex_);  // addresses
  double allowance_ ABSL_GUARDED_BY(mutex_) = 0;                              // of rate_limit
  absl::Time allowed_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int asking_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::condition_variable stop_;
  std::thread watch_;
};

}  // namespace chatscale
