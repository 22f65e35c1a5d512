// State file: the recommender's state and signals as JSON, and the file that survives a restart.
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

// Exact: every double and every nanosecond is preserved.
nlohmann::json StateJson(const recommender::State& state);

// kInvalidArgument: the message names a field of a wrong type or range.
absl::StatusOr<recommender::State> StateFromJson(const nlohmann::json& json);

nlohmann::json SignalsJson(const recommender::Signals& signals);
absl::StatusOr<recommender::Signals> SignalsFromJson(const nlohmann::json& json);

// Format of the file:
//   {"version": 1, "targets": [{"tenant": ..., "project": ..., "state": {...}}]}

using States = std::map<Target, recommender::State>;

struct LoadedStates {
  States states;
  std::string warning;  // one line when the file was set aside, else empty
};

// No file: no states. An unusable file is renamed to "<path>.damaged-<n>", with a warning. Where
// only some targets are unusable, the others are loaded and the file is copied there. An error: the
// path is not a regular file.
absl::StatusOr<LoadedStates> LoadStates(const std::string& path);

// Atomic: the file is always either the old or the new one.
absl::Status SaveStates(const std::string& path, const States& states);

}  // namespace chatscale
