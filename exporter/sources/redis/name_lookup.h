// A server's name to addresses, within a deadline. The system's resolver has none of its own: one
// that does not answer holds its caller for half a minute.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace chatscale::redis {

class NameLookup {
 public:
  explicit NameLookup(std::string host) : host_(std::move(host)) {}

  // Numeric addresses ("10.0.0.1", "::1"), in the resolver's order. The lookup runs on a thread of
  // its own: one that outlives the deadline is waited for again by the next call, never started a
  // second time. kConnect: not found. kTimeout: no answer within the deadline.
  absl::StatusOr<std::vector<std::string>> Addresses(
      std::chrono::steady_clock::time_point deadline);

 private:
  struct Pending;
  std::string host_;
  std::shared_ptr<Pending> pending_;
};

}  // namespace chatscale::redis
