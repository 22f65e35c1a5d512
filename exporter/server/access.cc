#include "exporter/server/access.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "exporter/files/files.h"
#include "exporter/server/credentials.h"

namespace chatscale {

namespace {

constexpr absl::Duration kRemembered = absl::Minutes(10);

double LeftNow(double left, absl::Time at, absl::Time now) {
  const double seconds = std::max(0.0, absl::ToDoubleSeconds(now - at));
  return std::min(PasswordRateLimiter::kAtOnce, left + seconds * PasswordRateLimiter::kPerSecond);
}

}  // namespace

PasswordRateLimiter::Budget& PasswordRateLimiter::Of(std::string_view network, absl::Time now) {
  if (!budgets_.contains(network) && budgets_.size() >= kMostNetworks) {
    std::erase_if(budgets_, [now](const auto& entry) {
      return LeftNow(entry.second.left, entry.second.at, now) >= kAtOnce;
    });
    if (budgets_.size() >= kMostNetworks) network = "";
  }
  Budget& budget =
      budgets_.try_emplace(std::string(network), Budget{.left = kAtOnce, .at = now}).first->second;
  budget.left = LeftNow(budget.left, budget.at, now);
  budget.at = now;
  return budget;
}

bool PasswordRateLimiter::Spend(std::string_view network, absl::Time now) {
  Budget& budget = Of(network, now);
  if (budget.left < 1) return false;
  budget.left -= 1;
  return true;
}

bool PasswordRateLimiter::HasFailed(std::string_view network, absl::Time now) const {
  const auto budget = budgets_.find(network);
  if (budget == budgets_.end()) return false;
  return now - budget->second.failed_at < kRemembered ||
         LeftNow(budget->second.left, budget->second.at, now) < kAtOnce;
}

void PasswordRateLimiter::Refund(std::string_view network, absl::Time now) {
  Budget& budget = Of(network, now);
  budget.left = std::min(kAtOnce, budget.left + 1);
}

namespace {

// Without authentication, for probes. These routes reveal nothing but "yes" and "no".
bool IsOpen(std::string_view path) {
  return path == "/-/healthy" || path == "/-/ready" || path == "/health";
}

}  // namespace

struct Access::Rules {
  WebConfig config;
  std::optional<std::string> token;
  std::shared_ptr<const TlsServer> tls;  // null: HTTP
  std::shared_ptr<Credentials> credentials;
  std::shared_ptr<const Headers> headers;

  bool verifies_clients() const {
    return config.tls && config.tls->client_certificates == ClientCertificates::kRequireAndVerify;
  }
  // The authentication that `next` would remove; "" when none.
  std::string_view MissingIn(const Rules& next) const {
    const bool authenticates = !config.users.empty() || token.has_value();
    if (authenticates && next.config.users.empty() && !next.token)
      return "all passwords and tokens";
    if (verifies_clients() && !next.verifies_clients()) return "the check of client certificates";
    if (verifies_clients() && !config.tls->client_allowed_sans.empty() &&
        next.config.tls->client_allowed_sans.empty()) {
      return "the list of client_allowed_sans";
    }
    constexpr std::size_t kFewestBytes = 8;  // of a token that replaces a longer one
    if (token && next.token && next.token->size() < token->size() &&
        (token->starts_with(*next.token) || next.token->size() < kFewestBytes)) {
      return "the end of the token";
    }
    return "";
  }
  bool SameAs(const Rules& other) const { return config == other.config && token == other.token; }
};

Access::Access(AccessOptions options) : options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<Access>> Access::Create(AccessOptions options) {
  std::unique_ptr<Access> access(new Access(std::move(options)));
  absl::StatusOr<std::shared_ptr<Rules>> rules = access->Read();
  if (!rules.ok()) return rules.status();
  if (absl::Status status = access->Complete(**rules, nullptr); !status.ok()) return status;
  access->https_ = (*rules)->tls != nullptr;
  access->rules_ = *std::move(rules);
  return access;
}

absl::StatusOr<std::shared_ptr<Access::Rules>> Access::Read() const {
  auto rules = std::make_shared<Rules>();
  if (!options_.config_file.empty()) {
    absl::StatusOr<WebConfig> config = LoadWebConfig(options_.config_file);
    if (!config.ok()) return config.status();
    rules->config = *std::move(config);
  }
  if (!options_.token_file.empty()) {
    absl::StatusOr<std::string> token = ReadSecretFile(options_.token_file);
    if (!token.ok()) return token.status();
    if (token->find_first_not_of(" \t") == token->npos) {
      return absl::InvalidArgumentError(options_.token_file + ": expected a token, not blanks");
    }
    rules->token = *std::move(token);
  }
  return rules;
}

// A file truncated while it was saved must not remove authentication.
absl::Status Access::MayReplace(const Rules& now, const Rules& next) const {
  if (next.config.tls.has_value() != https_) {
    return absl::InvalidArgumentError(absl::StrCat(options_.config_file,
                                                   ": HTTPS cannot be switched ",
                                                   https_ ? "off" : "on", " while running"));
  }
  const std::string_view missing = now.MissingIn(next);
  if (missing.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      std::string(missing), " would be removed: only a restart removes authentication"));
}

absl::Status Access::Complete(Rules& rules, const Credentials* before) const {
  if (rules.config.tls) {
    absl::StatusOr<std::shared_ptr<const TlsServer>> tls = TlsServer::Create(*rules.config.tls);
    if (!tls.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(options_.config_file, ": tls_server_config: ", tls.status().message()));
    }
    rules.tls = *std::move(tls);
  }
  rules.credentials = std::make_shared<Credentials>(rules.config.users, rules.token, before);
  rules.headers = std::make_shared<const Headers>(rules.config.headers);
  return absl::OkStatus();
}

Access::SharedRules Access::Now() const {
  const std::lock_guard lock(mutex_);
  return rules_;
}

absl::Status Access::Reload() {
  absl::StatusOr<std::shared_ptr<Rules>> read = Read();
  absl::Status status = read.status();
  // While nothing changes, authenticated clients stay so and nothing is rebuilt.
  const SharedRules now = Now();
  const bool differs = status.ok() && !(*read)->SameAs(*now);
  if (differs) status = MayReplace(*now, **read);
  if (differs && status.ok()) status = Complete(**read, now->credentials.get());
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    changed = fault_ != status.message() || (status.ok() && differs);
    fault_ = std::string(status.message());
    if (status.ok() && differs) rules_ = *std::move(read);
  }
  if (changed && options_.reloaded) options_.reloaded(status);
  return status;
}

bool Access::current() const {
  const std::lock_guard lock(mutex_);
  return fault_.empty();
}

bool Access::Authenticates() const {
  const SharedRules rules = Now();
  return rules->credentials->any() || rules->verifies_clients();
}

bool Access::RequiresClientCertificate() const {
  const SharedRules rules = Now();
  return rules->verifies_clients() ||
         (rules->config.tls &&
          rules->config.tls->client_certificates == ClientCertificates::kRequireAny);
}

std::shared_ptr<const TlsServer> Access::Tls() const { return Now()->tls; }
std::shared_ptr<const Authenticator::Headers> Access::ExtraHeaders() const {
  return Now()->headers;
}

bool Access::WithinRate(const Rules& rules, absl::Time now) {
  if (!rules.config.rate_limit) return true;
  const RateLimit& limit = *rules.config.rate_limit;
  const std::lock_guard lock(mutex_);
  const double earned = absl::FDivDuration(now - allowed_at_, limit.interval);
  allowance_ = std::clamp(allowance_ + std::max(0.0, earned), 0.0, double(limit.burst));
  allowed_at_ = now;
  if (allowance_ < 1) return false;
  allowance_ -= 1;
  return true;
}

Authenticator::Verdict Access::Check(const AuthRequest& request) {
  // Concurrent verifications, with those that wait. The last 8 are for networks that authenticated
  // before, the 16 before them for networks without a failure: guessing locks no other client out.
  constexpr int kMaxVerifying = 32, kMaxOfNewNetworks = 24, kMaxOfFailedNetworks = 8;
  if (IsOpen(request.path)) return Verdict::kAdmit;
  const SharedRules rules = Now();
  const absl::Time now = absl::Now();
  if (!WithinRate(*rules, now)) return Verdict::kTooMany;
  if (!rules->credentials->any()) return Verdict::kAdmit;
  switch (rules->credentials->CheckCached(request.authorization)) {
    case Credentials::Known::kGood:
      return Verdict::kAdmit;
    case Credentials::Known::kBad:
      return Verdict::kUnauthorized;
    case Credentials::Known::kUnsure:
      break;
  }
  const std::lock_guard lock(mutex_);
  const int most = authenticated_networks_.contains(request.network) ? kMaxVerifying
                   : rate_limiter_.HasFailed(request.network, now)   ? kMaxOfFailedNetworks
                                                                     : kMaxOfNewNetworks;
  if (verifying_ >= most || !rate_limiter_.Spend(request.network, now)) return Verdict::kTooMany;
  ++verifying_;
  return Verdict::kNeedsVerification;
}

void Access::Abandon(const AuthRequest&) {
  const std::lock_guard lock(mutex_);
  --verifying_;
}

Authenticator::Verdict Access::Verify(const AuthRequest& request) {
  const bool good = Now()->credentials->Accepts(request.authorization);
  const std::lock_guard lock(mutex_);
  --verifying_;
  if (good) {
    constexpr std::size_t kMostAuthenticated = 1024;
    rate_limiter_.Refund(request.network, absl::Now());
    if (authenticated_networks_.size() >= kMostAuthenticated) authenticated_networks_.clear();
    authenticated_networks_.emplace(request.network);
  } else {
    rate_limiter_.RecordFailure(request.network, absl::Now());
  }
  return good ? Verdict::kAdmit : Verdict::kUnauthorized;
}

}  // namespace chatscale
