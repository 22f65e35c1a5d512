// Policy, users, token and certificates: loaded at the start, read again on request and when a file
// changes, on a thread of their own: the disk may hang. A bad file changes nothing.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "exporter/app/config.h"
#include "exporter/files/file_thread.h"
#include "exporter/metrics/self_metrics.h"
#include "exporter/recommendations/advisor.h"
#include "exporter/server/access.h"

namespace chatscale {

// The configured file's policies; without a file, the documented policy. An error has one line for
// each fault.
absl::StatusOr<PolicySet> LoadPolicies(const Config& config);

// Thread-safe.
class Reloader {
 public:
  // `advisor` and `access` have what was loaded at `now`, and must outlive this. `self` has how the
  // last reload went.
  Reloader(Config config, Advisor* advisor, Access* access, SelfMetrics& self, absl::Time now);

  // Reads all files; on an error the last good policy stays, and the last good users. May hang.
  absl::Status Reload();

  // Never waits: has the files read that changed, or all of them. Logs when their disk hangs.
  void Follow(bool all);
  // Files are being read.
  bool Busy() const { return reads_.Busy(); }

 private:
  absl::Status ReloadPolicy();
  absl::Status ReloadChanged();
  bool PolicyChanged();
  void Show();

  const Config config_;
  Advisor* const advisor_;
  Access* const access_;
  prometheus::Gauge &successful_, &last_success_, &policy_hash_;

  std::mutex mutex_;  // held while a policy takes effect
  std::atomic<bool> policy_loaded_{true};
  std::atomic<bool> all_{false};      // are to be read, whether they changed or not
  std::atomic<bool> hangs_{false};    // as last logged
  absl::StatusOr<std::string> file_;  // as PolicyChanged last saw it; that thread's own
  FileThread reads_;
};

}  // namespace chatscale
