#include "exporter/recommendations/replay.h"

#include <algorithm>
#include <istream>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "absl/strings/str_format.h"
#include "exporter/document/monitoring_json.h"
#include "exporter/recommendations/signals_of.h"
#include "recommender/explain.h"
#include "recommender/recommendation.h"

namespace chatscale {

using recommender::Decision;
using recommender::kServices;
using recommender::Recommendation;
using recommender::Service;

void ReplaySummary::AddTime(double seconds, Figures& figures) {
  const Recommendation& last = figures.last;
  if (last.desired.has_value()) {
    figures.replica_hours += *last.desired * seconds / 3600;
  } else {
    figures.without_recommendation_seconds += seconds;
  }
  for (std::size_t i = 0; i < last.rule_count; ++i) {
    figures.rule_seconds[i][static_cast<std::size_t>(last.rules[i].status)] += seconds;
  }
}

void ReplaySummary::AddDecision(const Recommendation& recommendation, Figures& figures) {
  if (recommendation.decision != Decision::kHold) {
    ++figures.changes;
    const bool first = figures.last_change == Decision::kHold;
    if (!first && recommendation.decision != figures.last_change) ++figures.reversals;
    figures.last_change = recommendation.decision;
  } else if (!recommender::StartedAnew(recommendation) &&
             recommender::WorthRecording(recommendation, figures.last)) {
    ++figures.suppressed;
  }
}

void ReplaySummary::Add(const recommender::Step& step) {
  for (const Service service : kServices) {
    const Recommendation& recommendation = step.recommendations[service];
    Figures& figures = services_[service];
    if (lines_ > 0) {
      const absl::Duration passed = recommendation.at - figures.last.at;
      AddTime(std::max(0.0, absl::ToDoubleSeconds(passed)), figures);
    }
    AddDecision(recommendation, figures);
    figures.last = recommendation;
  }
  ++lines_;
}

void ReplaySummary::Print(std::ostream& out) const {
  for (const Service service : kServices) {
    const Figures& figures = services_[service];
    out << absl::StrFormat(
        "%s: changes %d, reversals %d, suppressed changes %d, replica-hours %.2f, without a "
        "recommendation "
        "%.0f s\n",
        NameOf(service), figures.changes, figures.reversals, figures.suppressed,
        figures.replica_hours, figures.without_recommendation_seconds);
    for (std::size_t i = 0; i < figures.last.rule_count; ++i) {
      const recommender::RuleRow& row = *figures.last.rules[i].row;
      out << "  " << NameOf(row.direction) << " " << row.name << ":";
      for (std::size_t s = 0; s < kStatuses; ++s) {
        const auto status = static_cast<recommender::RuleStatus>(s);
        out << absl::StrFormat(" %s %.0f s", std::string(recommender::RuleStatusName(status)),
                               figures.rule_seconds[i][s]);
      }
      out << "\n";
    }
  }
}

namespace {

using nlohmann::ordered_json;
using recommender::Recommendation;

std::string Line(const ordered_json& text) {
  return text.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

ordered_json OrNull(std::optional<int> value) {
  return value.has_value() ? ordered_json(*value) : ordered_json();
}

ordered_json RecommendationJson(const Recommendation& recommendation) {
  ordered_json limited = ordered_json::array();
  for (const recommender::Reason reason : recommendation.limited) {
    limited.push_back(std::string(recommender::Text(reason).name));
  }
  return {{"current_replicas", OrNull(recommendation.current)},
          {"desired_replicas", OrNull(recommendation.desired)},
          {"decision", std::string(recommender::DecisionName(recommendation.decision))},
          {"reasons", ordered_json::array({recommender::Explain(recommendation)})},
          {"limited", limited}};
}

std::string StepLine(absl::Time timestamp, const recommender::Step& step) {
  ordered_json components = ordered_json::object();
  for (const Service service : kServices) {
    components[NameOf(service)] = RecommendationJson(step.recommendations[service]);
  }
  const double seconds = absl::ToDoubleSeconds(timestamp - absl::UnixEpoch());
  return Line({{"timestamp", seconds}, {"components", components}});
}

struct ReadLine {
  Target target;
  recommender::Signals signals;
};

absl::StatusOr<ReadLine> Read(const std::string& line, MaybeNumber redis_limit) {
  const absl::StatusOr<Snapshot> snapshot = ParseMonitoringDocument(line);
  if (!snapshot.ok()) return snapshot.status();
  const absl::Time at = snapshot->taken_at;
  if (at == absl::InfinitePast()) return absl::InvalidArgumentError("no timestamp");
  SignalTimes times{at, {}};
  if (snapshot->fleet.ingress.present) times.at.ingress = at;
  if (snapshot->fleet.proc.present) times.at.proc = at;
  ReadLine read{snapshot->named, SignalsOf(*snapshot, times)};
  read.signals.shared.redis_limit = redis_limit;
  return read;
}

// State of one target during the replay.
struct Course {
  recommender::Step step;
  ReplaySummary summary;
};

void PrintSummaries(const std::map<Target, Course>& courses, long lines, long unreadable,
                    std::ostream& out) {
  out << "lines " << lines << ", unreadable " << unreadable << "\n";
  for (const auto& [target, course] : courses) {
    if (courses.size() > 1) out << target.tenant << "/" << target.project << "\n";
    course.summary.Print(out);
  }
}

}  // namespace

absl::Status Replay(const PolicySet& policies, std::istream& in, std::ostream& out,
                    const ReplayOptions& options) {
  const bool lines = options.format == ReplayFormat::kJsonLines;
  std::map<Target, Course> courses;
  long count = 0;
  long unreadable = 0;
  std::string line;
  while (out && std::getline(in, line)) {
    ++count;
    const absl::StatusOr<ReadLine> read = Read(line, options.redis_limit);
    if (read.ok()) {
      auto& [step, summary] = courses[read->target];
      step =
          recommender::Recommend(policies.For(read->target), std::move(step.state), read->signals);
      summary.Add(step);
      if (lines) out << StepLine(read->signals.now, step) << std::flush;
    } else {
      ++unreadable;
      if (lines) out << Line({{"error", std::string(read.status().message())}}) << std::flush;
    }
  }
  if (!lines) PrintSummaries(courses, count, unreadable, out);
  return out ? absl::OkStatus() : absl::UnavailableError("cannot write the answers");
}

}  // namespace chatscale
