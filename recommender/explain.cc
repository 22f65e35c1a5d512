#include "recommender/explain.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "recommender/rules.h"
#include "recommender/sizing.h"

namespace chatscale::recommender {

namespace {

std::string Plural(int count, std::string_view noun) {
  return absl::StrCat(count, " ", std::string(noun), count == 1 ? "" : "s");
}

std::string ComparisonInWords(Comparison comparison) {
  switch (comparison) {
    case Comparison::kAbove:
      return "above";
    case Comparison::kAtLeast:
      return "at or above";
    case Comparison::kBelow:
      return "below";
    case Comparison::kAtMost:
      return "at or below";
  }
  return "";
}

// "queue wait p95 4.2 s has been above 3 s for 2 min 15 s"
std::string RuleInWords(const RuleReport& rule, absl::Time now) {
  const RuleRow& row = RowOf(rule.id);
  const std::string unit(row.unit);
  return absl::StrCat(std::string(row.signal), rule.at_least ? " at least " : " ",
                      NumberInWords(rule.value.value_or(0)), unit, " has been ",
                      ComparisonInWords(row.comparison), " ", NumberInWords(rule.threshold), unit,
                      " for ", DurationInWords(now - rule.since));
}

// The active out-rule that has held longest.
const RuleReport* FirstActiveOut(const Recommendation& recommendation) {
  const RuleReport* first = nullptr;
  for (std::size_t i = 0; i < recommendation.rule_count; ++i) {
    const RuleReport& rule = recommendation.rules[i];
    if (RowOf(rule.id).direction != Direction::kOut || rule.status != RuleStatus::kActive) continue;
    if (first == nullptr || rule.since < first->since) first = &rule;
  }
  return first;
}

int ActiveInRules(const Recommendation& recommendation) {
  const auto end =
      recommendation.rules.begin() + static_cast<std::ptrdiff_t>(recommendation.rule_count);
  return static_cast<int>(
      std::count_if(recommendation.rules.begin(), end, [](const RuleReport& rule) {
        return RowOf(rule.id).direction == Direction::kIn && rule.status == RuleStatus::kActive;
      }));
}

// What the demand asks for; empty when sizing does not know.
std::string DemandInWords(const Policy& policy, const Recommendation& recommendation) {
  const SizingReport& sizing = recommendation.sizing;
  if (!sizing.want.has_value() || !sizing.demand.has_value()) return "";
  const int demand = static_cast<int>(std::lround(*sizing.demand));
  const int waiting = static_cast<int>(std::lround(sizing.waiting.value_or(0)));
  const std::optional<int> drain = ReplicasFor(sizing.drain_slots, sizing.per_replica);
  if (recommendation.component == Component::kProc && waiting > 0 && drain.value_or(0) > 0) {
    return absl::StrCat("; ", Plural(waiting, "task"), " waiting ",
                        waiting == 1 ? "needs " : "need ", Plural(*drain, "more replica"),
                        " to drain in ", DurationInWords(policy.proc.sizing.drain));
  }
  const char* noun = recommendation.component == Component::kProc ? "task" : "stream";
  return absl::StrCat("; ", Plural(demand, noun), demand == 1 ? " asks" : " ask", " for ",
                      Plural(*sizing.want, "replica"));
}

// Reasons as clauses: without the capital and the full stop.
std::string ReasonsInWords(const ReasonList& reasons) {
  std::string text;
  for (const Reason reason : reasons) {
    std::string clause(Text(reason).sentence);
    clause.pop_back();
    if (!clause.starts_with("PostgreSQL")) {
      clause[0] = absl::ascii_tolower(static_cast<unsigned char>(clause[0]));
    }
    absl::StrAppend(&text, text.empty() ? "" : "; ", clause);
  }
  return text;
}

std::string Cause(const Policy& policy, const Recommendation& recommendation) {
  if (recommendation.decision == Decision::kScaleIn) {
    return absl::StrCat("all ", Plural(ActiveInRules(recommendation), "scale-in rule"), " hold",
                        DemandInWords(policy, recommendation));
  }
  if (const RuleReport* rule = FirstActiveOut(recommendation)) {
    return absl::StrCat(RuleInWords(*rule, recommendation.at),
                        DemandInWords(policy, recommendation));
  }
  return "";
}

std::string Join(std::string_view first, std::string_view second) {
  if (first.empty() || second.empty()) return absl::StrCat(std::string(first), std::string(second));
  return absl::StrCat(std::string(first), "; ", std::string(second));
}

std::string HoldInWords(const Policy& policy, const Recommendation& recommendation) {
  const std::string limits = ReasonsInWords(recommendation.limited);
  if (recommendation.suppressed != Decision::kHold && recommendation.raw.has_value()) {
    return absl::StrCat(Plural(*recommendation.raw, "replica"), " would be proposed, but ", limits);
  }
  const std::string cause = Cause(policy, recommendation);
  if (!limits.empty()) return Join(cause, limits);
  if (!cause.empty()) return absl::StrCat(cause, ", which the advised count covers");
  return "no rule asks for a change";
}

}  // namespace

std::string DurationInWords(absl::Duration duration) {
  const std::int64_t seconds = std::max<std::int64_t>(0, absl::ToInt64Seconds(duration));
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 3600;
  if (seconds < kMinute) return absl::StrCat(seconds, " s");
  if (seconds == kMinute) return "60 s";
  if (seconds < kHour) {
    const std::string minutes = absl::StrCat(seconds / kMinute, " min");
    return seconds % kMinute == 0 ? minutes : absl::StrCat(minutes, " ", seconds % kMinute, " s");
  }
  const std::string hours = absl::StrCat(seconds / kHour, " h");
  const std::int64_t minutes = seconds % kHour / kMinute;
  return minutes == 0 ? hours : absl::StrCat(hours, " ", minutes, " min");
}

std::string NumberInWords(double value) {
  if (std::abs(value) >= 1000) return absl::StrFormat("%.0f", value);
  return absl::StrFormat("%.3g", value);
}

std::string Explain(const Policy& policy, const Recommendation& recommendation) {
  const std::string name(kComponentNames[static_cast<std::size_t>(recommendation.component)]);
  if (!recommendation.desired.has_value()) {
    const std::string why = ReasonsInWords(recommendation.limited);
    return absl::StrCat(
        name, ": no advice: ", why.empty() ? "no replica count has been observed yet" : why, ".");
  }
  const int desired = *recommendation.desired;
  const int previous = recommendation.previous.value_or(desired);
  if (recommendation.decision == Decision::kHold) {
    const std::string notes = ReasonsInWords(recommendation.notes);
    return absl::StrCat(name, ": stays at ", Plural(desired, "replica"), ": ",
                        notes.empty() ? HoldInWords(policy, recommendation) : notes, ".");
  }
  const std::string why =
      Join(Join(Cause(policy, recommendation), ReasonsInWords(recommendation.notes)),
           ReasonsInWords(recommendation.limited));
  return absl::StrCat(name, ": ", previous, " → ", Plural(desired, "replica"),
                      why.empty() ? "" : ": ", why, ".");
}

}  // namespace chatscale::recommender
