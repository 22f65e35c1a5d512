// The recommender's memory: as JSON, and on disk.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "exporter/model/target.h"
#include "recommender/signals.h"
#include "recommender/state.h"

namespace chatscale {

// The recommender's state and signals as JSON, exactly: every double and every nanosecond reads
// back the same.

nlohmann::json StateJson(const recommender::State& state);

// kInvalidArgument: a field is not of its form; the message names it.
absl::StatusOr<recommender::State> StateFromJson(const nlohmann::json& json);

nlohmann::json SignalsJson(const recommender::Signals& signals);
absl::StatusOr<recommender::Signals> SignalsFromJson(const nlohmann::json& json);

// The file that carries the recommender's state over a restart.
//
//   {"version": 1, "targets": [{"tenant": ..., "project": ..., "state": {...}}]}

using States = std::map<Target, recommender::State>;

struct LoadedStates {
  States states;
  std::string warning;  // one line when the file was set aside; else empty
};

// No file: no states. A file that cannot be read or understood is renamed to "<path>.damaged-<n>"
// and told in the warning; where only some targets cannot be, the others are
// taken and the file is copied there. An error: what is there is no file.
absl::StatusOr<LoadedStates> LoadStates(const std::string& path);

// Atomically: at any instant the file is the old or the new one, whole.
absl::Status SaveStates(const std::string& path, const States& states);

}  // namespace chatscale
