// A server's name to addresses, within a deadline. The system's resolver has none of its own: one
// that does not answer holds its caller for half a minute.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace chatscale {

// "10.0.0.1", "::1": nothing to look up.
bool IsNumericAddress(const std::string& host);

class NameLookup {
 public:
  // Appends the addresses of a host; may block for long. `SystemResolver` asks the system.
  using Resolver = std::function<absl::Status(const std::string& host, std::vector<std::string>&)>;
  static absl::Status SystemResolver(const std::string& host, std::vector<std::string>& addresses);

  explicit NameLookup(std::string host, Resolver resolver = SystemResolver)
      : host_(std::move(host)), resolver_(std::move(resolver)) {}

  // Numeric addresses ("10.0.0.1", "::1"), in the resolver's order. The lookup runs on a thread of
  // its own: one that outlives the deadline is waited for again by the next call, never started a
  // second time. kConnect: not found. kTimeout: no answer within the deadline.
  absl::StatusOr<std::vector<std::string>> Addresses(
      std::chrono::steady_clock::time_point deadline);

 private:
  struct Pending;
  std::string host_;
  Resolver resolver_;
  std::shared_ptr<Pending> pending_;
};

}  // namespace chatscale
