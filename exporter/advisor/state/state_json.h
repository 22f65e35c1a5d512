// The recommender's state and signals as JSON, exactly: every double and every nanosecond reads
// back the same.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "absl/status/statusor.h"
#include "recommender/signals.h"
#include "recommender/state.h"

namespace chatscale {

nlohmann::json StateJson(const recommender::State& state);

// kInvalidArgument: a field is not of its form; the message names it.
absl::StatusOr<recommender::State> StateFromJson(const nlohmann::json& json);

nlohmann::json SignalsJson(const recommender::Signals& signals);
absl::StatusOr<recommender::Signals> SignalsFromJson(const nlohmann::json& json);

}  // namespace chatscale
