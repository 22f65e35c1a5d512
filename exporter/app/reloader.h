// Reloader of policy, users, token and certificates, on request and when a file changes. Its own
// thread reads, as the disk may hang. A file with errors changes nothing.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "exporter/app/config.h"
#include "exporter/files/file_thread.h"
#include "exporter/metrics/self_metrics.h"
#include "exporter/recommendations/recommender.h"
#include "exporter/server/access.h"

namespace chatscale {

// Policies of the configured file, or the policy `documented`. An error has one line per fault.
absl::StatusOr<PolicySet> LoadPolicies(const Config& config);

// Thread-safe.
class Reloader {
 public:
  // `recommender` and `access` have what was loaded at `now`, and must outlive this. `self` gets
  // the result of the last reload.
  Reloader(Config config, Recommender* recommender, Access* access, SelfMetrics& self,
           absl::Time now);

  // Reads all files. After an error the last good policy and users stay. May hang.
  absl::Status Reload();

  // Never blocks: reads changed files, or all, on the thread. Logs when the disk hangs.
  void Follow(bool all);
  // Whether files are being read.
  bool Busy() const { return reads_.Busy(); }

 private:
  absl::Status ReloadPolicy();
  absl::Status ReloadChanged();
  bool PolicyChanged();
  void Show();

  const Config config_;
  Recommender* const recommender_;
  Access* const access_;
  prometheus::Gauge &successful_, &last_success_, &policy_hash_;

  std::mutex mutex_;  // held while a policy takes effect
  std::atomic<bool> policy_loaded_{true};
  std::atomic<bool> all_{false};      // read all files, changed or not
  std::atomic<bool> hangs_{false};    // last logged state
  absl::StatusOr<std::string> file_;  // last text seen by PolicyChanged; used by its thread only
  FileThread reads_;
};

}  // namespace chatscale
