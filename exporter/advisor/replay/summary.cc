#include "exporter/advisor/replay/summary.h"

#include <algorithm>
#include <ostream>

#include "absl/strings/str_format.h"
#include "recommender/decision.h"

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
    figures.unadvised_seconds += seconds;
  }
  for (std::size_t i = 0; i < last.rule_count; ++i) {
    figures.rule_seconds[i][static_cast<std::size_t>(last.rules[i].status)] += seconds;
  }
}

void ReplaySummary::AddDecision(const Recommendation& answer, Figures& figures) {
  if (answer.decision != Decision::kHold) {
    ++figures.changes;
    const bool first = figures.last_change == Decision::kHold;
    if (!first && answer.decision != figures.last_change) ++figures.reversals;
    figures.last_change = answer.decision;
  } else if (!recommender::Anchored(answer) && recommender::WorthRecording(answer, figures.last)) {
    ++figures.suppressed;
  }
}

void ReplaySummary::Add(const recommender::Step& step) {
  for (const Service service : kServices) {
    const Recommendation& answer = step.recommendations[service];
    Figures& figures = services_[service];
    if (lines_ > 0) {
      const absl::Duration passed = answer.at - figures.last.at;
      AddTime(std::max(0.0, absl::ToDoubleSeconds(passed)), figures);
    }
    AddDecision(answer, figures);
    figures.last = answer;
  }
  ++lines_;
}

void ReplaySummary::Print(std::ostream& out) const {
  for (const Service service : kServices) {
    const Figures& figures = services_[service];
    out << absl::StrFormat(
        "%s: changes %d, reversals %d, suppressed changes %d, replica-hours %.2f, without advice "
        "%.0f s\n",
        NameOf(service), figures.changes, figures.reversals, figures.suppressed,
        figures.replica_hours, figures.unadvised_seconds);
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

}  // namespace chatscale
