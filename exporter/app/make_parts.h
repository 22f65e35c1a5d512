// What `serve` and `run once` are made of, as configured: source, advisor, authentication.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "exporter/app/config.h"
#include "exporter/model/reading.h"
#include "exporter/model/view.h"
#include "exporter/recommendations/advisor.h"
#include "exporter/server/access.h"

namespace chatscale {

// An error is one line that names the file or the setting. Later changes of the files are logged.
absl::StatusOr<std::unique_ptr<Access>> MakeAccess(const Config& config);

// The recommender, with what it knew when the last process ended.

enum class StateFile { kKept, kOnlyRead };

// Starts afresh, with a warning in the log, where there is a state that cannot be read. `decisions`
// must outlive it.
std::unique_ptr<Advisor> MakeAdvisor(const Config& config, PolicySet policies,
                                     DecisionLog* decisions,
                                     StateFile state_file = StateFile::kKept);

// Saves the state and tells of it. False: the disk hangs, so that only ExitAtOnce ends the program.
bool SaveAtTheEnd(Advisor& advisor);

// The configured source of snapshots.

struct MadeSource {
  std::unique_ptr<SnapshotSource> source;
  // Demo mode: does what the advice in a View says, as an autoscaler would; else empty.
  std::function<void(const View&)> follow;
};

// An error is a fault of the configuration, in one line.
absl::StatusOr<MadeSource> MakeSource(const Config& config);

}  // namespace chatscale
