// The policy: loaded at the start, again on request and when its file changes. A bad file changes
// nothing.
#pragma once

#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "exporter/advisor/advisor.h"
#include "exporter/config/config.h"
#include "exporter/core/view.h"

namespace chatscale {

// The configured file's policies; without a file, the documented policy. An error has one line for
// each fault.
absl::StatusOr<PolicySet> LoadPolicies(const Config& config);

// Thread-safe.
class Reloader {
 public:
  // `advisor` has what was loaded at `now`, and must outlive this.
  Reloader(Config config, Advisor* advisor, absl::Time now);

  // Reads the file and hands it to the advisor; on an error the last good policy stays.
  absl::Status Reload(absl::Time now);

  // The file is another one than at the last call, or cannot be read any more. One thread only.
  bool Changed();

  ReloadStats Stats() const;

 private:
  const Config config_;
  Advisor* const advisor_;
  absl::StatusOr<std::string> file_;  // as last seen by Changed
  mutable std::mutex mutex_;
  ReloadStats stats_;
};

}  // namespace chatscale
