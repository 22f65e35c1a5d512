// Who may ask for what: decided before anything else is done for a request.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chatscale {

struct Visitor {
  std::string_view path;           // as it was sent, without the query
  std::string_view authorization;  // the header; "" without one
  std::string_view remote_ip;
};

class Gatekeeper {
 public:
  enum class Verdict { kAdmit, kAsk, kUnauthorized, kTooMany };

  virtual ~Gatekeeper() = default;

  // On the thread that owns all sockets: must not block. kAsk: only Ask can tell.
  virtual Verdict Recognise(const Visitor& visitor) = 0;
  // On a thread of its own; may take long. Never kAsk.
  virtual Verdict Ask(const Visitor& visitor) = 0;

  using Headers = std::vector<std::pair<std::string, std::string>>;
  // That every answer carries, instead of a standard one of the same name. Never null.
  virtual std::shared_ptr<const Headers> ExtraHeaders() const = 0;
};

}  // namespace chatscale
