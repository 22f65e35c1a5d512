// Parts of `serve` and METRICS_RUN_ONCE, built from the configuration: source, recommender,
// authentication.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "exporter/app/config.h"
#include "exporter/model/source.h"
#include "exporter/model/view.h"
#include "exporter/recommendations/recommender.h"
#include "exporter/server/access.h"

namespace chatscale {

// TLS and authentication. An error is one line that names the file or the setting. Later changes of
// the files are logged.
absl::StatusOr<std::unique_ptr<Access>> MakeAccess(const Config& config);

enum class StateFile { kKept, kOnlyRead };

// The recommender with the saved state; without, and with a warning, if that is unreadable.
// `decisions` must outlive it.
std::unique_ptr<Recommender> MakeRecommender(const Config& config, PolicySet policies,
                                             DecisionLog* decisions,
                                             StateFile state_file = StateFile::kKept);

// Saves the state and logs failures. False: the disk hangs, so end the program with ExitAtOnce.
bool SaveAtTheEnd(Recommender& recommender);

// The collection options with the mode and the names that the settings choose.
PollLoopOptions CollectionOf(const Config& config);

struct MadeSource {
  std::unique_ptr<SnapshotSource> source;
  // Demo mode: callback that applies a View's recommendations, as an autoscaler would; else empty.
  std::function<void(const View&)> follow;
};

// The configured source of snapshots. An error is a configuration error, in one line.
absl::StatusOr<MadeSource> MakeSource(const Config& config);

}  // namespace chatscale
