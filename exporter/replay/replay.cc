#include "exporter/replay/replay.h"

#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "exporter/replay/summary.h"
#include "exporter/signals/signals_of.h"
#include "exporter/sources/monitoring_json.h"
#include "recommender/explain.h"

namespace chatscale {

namespace {

using nlohmann::ordered_json;
using recommender::Recommendation;

std::string Line(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

ordered_json OrNull(std::optional<int> value) {
  return value.has_value() ? ordered_json(*value) : ordered_json();
}

ordered_json AnswerJson(const Recommendation& answer) {
  ordered_json limited = ordered_json::array();
  for (const recommender::Reason reason : answer.limited) {
    limited.push_back(std::string(recommender::Text(reason).name));
  }
  return {{"current_replicas", OrNull(answer.current)},
          {"desired_replicas", OrNull(answer.desired)},
          {"decision", std::string(recommender::DecisionName(answer.decision))},
          {"reasons", ordered_json::array({recommender::Explain(answer)})},
          {"limited", limited}};
}

std::string StepLine(absl::Time timestamp, const recommender::Step& step) {
  ordered_json components = ordered_json::object();
  for (const Recommendation& answer : step.recommendations) {
    components[recommender::kComponentNames[static_cast<std::size_t>(answer.component)]] =
        AnswerJson(answer);
  }
  const double seconds = absl::ToDoubleSeconds(timestamp - absl::UnixEpoch());
  return Line({{"timestamp", seconds}, {"components", components}});
}

absl::StatusOr<recommender::Signals> SignalsOfLine(const std::string& line) {
  const absl::StatusOr<Snapshot> snapshot = ParseMonitoringDocument(line);
  if (!snapshot.ok()) return snapshot.status();
  const absl::Time at = snapshot->taken_at;
  if (at == absl::InfinitePast()) return absl::InvalidArgumentError("no timestamp");
  SignalTimes times{at, std::nullopt, std::nullopt};
  if (snapshot->ingress.present) times.ingress_at = at;
  if (snapshot->proc.present) times.proc_at = at;
  return SignalsOf(*snapshot, times);
}

}  // namespace

absl::Status Replay(const recommender::Policy& policy, std::istream& in, std::ostream& out,
                    ReplayFormat format) {
  const bool lines = format == ReplayFormat::kJsonLines;
  ReplaySummary summary;
  recommender::Step step;
  std::string line;
  while (out && std::getline(in, line)) {
    const absl::StatusOr<recommender::Signals> signals = SignalsOfLine(line);
    if (signals.ok()) {
      step = recommender::Recommend(policy, std::move(step.state), *signals);
      summary.Add(step);
      if (lines) out << StepLine(signals->now, step) << std::flush;
    } else {
      summary.AddUnreadable();
      if (lines) out << Line({{"error", std::string(signals.status().message())}}) << std::flush;
    }
  }
  if (!lines) summary.Print(out);
  return out ? absl::OkStatus() : absl::UnavailableError("cannot write the answers");
}

}  // namespace chatscale
