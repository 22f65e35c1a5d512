// Who may request what: decided before anything else is done for a request.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chatscale {

struct AuthRequest {
  std::string_view path;           // as sent, without the query
  std::string_view authorization;  // the header; "" without one
  std::string_view remote_ip;
};

class Authenticator {
 public:
  enum class Verdict { kAdmit, kNeedsVerification, kUnauthorized, kTooMany };

  virtual ~Authenticator() = default;

  // Decides at once where it can. After kNeedsVerification, either Verify or Abandon is called.
  virtual Verdict Check(const AuthRequest& request) = 0;
  // Hashes the password, which takes long. Never kNeedsVerification.
  virtual Verdict Verify(const AuthRequest& request) = 0;
  virtual void Abandon(const AuthRequest& request) = 0;

  using Headers = std::vector<std::pair<std::string, std::string>>;
  // That every response carries, instead of a standard one of the same name. Never null.
  virtual std::shared_ptr<const Headers> ExtraHeaders() const = 0;
};

}  // namespace chatscale
