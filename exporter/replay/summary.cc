#include "exporter/replay/summary.h"

#include <algorithm>
#include <ostream>

#include "absl/strings/str_format.h"
#include "recommender/decision.h"

namespace chatscale {

using recommender::Decision;
using recommender::Recommendation;

void ReplaySummary::AddTime(double seconds, Component& component) {
  const Recommendation& last = component.last;
  if (last.desired.has_value()) {
    component.replica_hours += *last.desired * seconds / 3600;
  } else {
    component.unadvised_seconds += seconds;
  }
  for (std::size_t i = 0; i < last.rule_count; ++i) {
    component.rule_seconds[i][static_cast<std::size_t>(last.rules[i].status)] += seconds;
  }
}

void ReplaySummary::AddDecision(const Recommendation& answer, Component& component) {
  if (answer.decision != Decision::kHold) {
    ++component.changes;
    const bool first = component.last_change == Decision::kHold;
    if (!first && answer.decision != component.last_change) ++component.reversals;
    component.last_change = answer.decision;
  } else if (!recommender::Anchored(answer) &&
             recommender::WorthRecording(answer, component.last)) {
    ++component.suppressed;
  }
}

void ReplaySummary::Add(const recommender::Step& step) {
  for (std::size_t c = 0; c < components_.size(); ++c) {
    const Recommendation& answer = step.recommendations[c];
    Component& component = components_[c];
    if (lines_ > 0) {
      const absl::Duration passed = answer.at - component.last.at;
      AddTime(std::max(0.0, absl::ToDoubleSeconds(passed)), component);
    }
    AddDecision(answer, component);
    component.last = answer;
  }
  ++lines_;
}

void ReplaySummary::Print(std::ostream& out) const {
  for (std::size_t c = 0; c < components_.size(); ++c) {
    const Component& component = components_[c];
    out << absl::StrFormat(
        "%s: changes %d, reversals %d, suppressed changes %d, replica-hours %.2f, without advice "
        "%.0f s\n",
        recommender::kComponentNames[c], component.changes, component.reversals,
        component.suppressed, component.replica_hours, component.unadvised_seconds);
    for (std::size_t i = 0; i < component.last.rule_count; ++i) {
      const recommender::RuleRow& row = recommender::RowOf(component.last.rules[i].id);
      out << "  " << (row.direction == recommender::Direction::kOut ? "out " : "in ") << row.name
          << ":";
      for (std::size_t s = 0; s < kStatuses; ++s) {
        const auto status = static_cast<recommender::RuleStatus>(s);
        out << absl::StrFormat(" %s %.0f s", std::string(recommender::RuleStatusName(status)),
                               component.rule_seconds[i][s]);
      }
      out << "\n";
    }
  }
}

}  // namespace chatscale
