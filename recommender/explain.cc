#include "recommender/explain.h"

#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "recommender/abseil_view.h"
#include "recommender/sizing.h"
#include "recommender/starting_count.h"

namespace chatscale::recommender {

namespace {

using Clauses = std::vector<std::string>;

std::string Plural(double count, absl::string_view noun) {
  return absl::StrCat(PlainNumber(count), " ", noun, count == 1 ? "" : "s");
}

absl::string_view AfterNumber(PolicyUnit unit) {
  if (unit == PolicyUnit::kSeconds) return " s";
  return unit == PolicyUnit::kTasksPerMinute ? " tasks/min" : "";
}

std::string RuleClause(const RuleReport& rule, absl::Time now) {
  const RuleRow& row = *rule.row;
  std::string clause =
      absl::StrCat(Abseil(row.signal), rule.at_least ? " of at least " : " ",
                   PlainNumber(rule.value.value_or(0), row.unit), " has been ",
                   Abseil(InWords(row.comparison)), " ", PlainNumber(rule.threshold, row.unit));
  const absl::Duration held = now - rule.since;
  if (held > absl::ZeroDuration()) absl::StrAppend(&clause, " for ", PlainDuration(held));
  return clause;
}

void AddRules(const Recommendation& recommendation, Direction direction, Clauses& clauses) {
  for (std::size_t i = 0; i < recommendation.rule_count; ++i) {
    const RuleReport& rule = recommendation.rules[i];
    if (rule.status == RuleStatus::kActive && rule.row->direction == direction) {
      clauses.push_back(RuleClause(rule, recommendation.at));
    }
  }
}

// Why the trigger scaled out before a rule fired.
void AddAhead(const Recommendation& recommendation, Clauses& clauses) {
  const SizingReport& sizing = recommendation.sizing;
  if (!recommendation.notes.Has(Reason::kLoadAhead) || !sizing.ahead_share.has_value()) return;
  const double percent = 100 * *sizing.ahead_share;
  if (recommendation.service == Service::kIngress) {
    clauses.push_back(absl::StrFormat("%s expected would be %.0f %% of the limit",
                                      Plural(std::ceil(sizing.ahead.value_or(0)), "open stream"),
                                      percent));
  } else if (sizing.service_seconds.value_or(0) > 0) {
    clauses.push_back(
        absl::StrFormat("%s tasks a minute expected%s would make %.0f %% wait too long",
                        PlainNumber(sizing.ahead.value_or(0) * 60 / *sizing.service_seconds),
                        sizing.by_forecast ? ", as on earlier days at this time," : "", percent));
  }
}

void AddSizing(const Recommendation& recommendation, int from, int to, Clauses& clauses) {
  const SizingReport& sizing = recommendation.sizing;
  if (!sizing.per_replica.has_value() || !sizing.demand.has_value()) return;
  const bool proc = recommendation.service == Service::kProc;
  const int draining = ReplicasFor(sizing.drain_slots, sizing.per_replica).value_or(0);
  if (to > from && draining > 0 && !recommendation.notes.Has(Reason::kOverrun)) {
    const int more = std::min(draining, to - from);
    const bool jobs = sizing.jobs_waiting.value_or(0) > 0;
    clauses.push_back(
        absl::StrFormat("%s%s waiting need %d more replica%s to drain in %.6g s%s",
                        Plural(sizing.waiting.value_or(0), "task"),
                        jobs ? " and " + Plural(*sizing.jobs_waiting, "background job") : "", more,
                        more == 1 ? "" : "s", absl::ToDoubleSeconds(sizing.drain),
                        jobs ? ", jobs in " + PlainDuration(kJobsDrain) : ""));
    return;
  }
  clauses.push_back(absl::StrFormat("%s%s, %s %s per replica", sizing.at_least ? "at least " : "",
                                    Plural(*sizing.demand, proc ? "task" : "open stream"),
                                    PlainNumber(*sizing.per_replica), proc ? "slots" : "streams"));
}

std::string Plain(Reason reason) {
  std::string text(Text(reason).sentence);
  text.pop_back();
  text[0] = absl::ascii_tolower(static_cast<unsigned char>(text[0]));
  return text;
}

std::string FirstViewClause(const Recommendation& r) {
  return absl::StrCat(
      "waiting for a whole view of the fleet: ", Plural(r.current.value_or(0), "replica"),
      " seen so far, ", PlainDuration(r.at - r.view_since.value_or(r.at)),
      " since the first; at least ", PlainDuration(r.view_until.value_or(r.at) - r.at), " more");
}

std::string OverrideClause(const Recommendation& r) {
  return absl::StrCat(
      "an override allows ", r.min, " to ", r.max, " replicas until ",
      absl::FormatTime("%Y-%m-%d %H:%M UTC", r.override_until.value_or(r.at), absl::UTCTimeZone()));
}

// The reason's sentence, with its numbers where it has some.
std::string ClauseOf(Reason reason, const Recommendation& r) {
  const SizingReport& sizing = r.sizing;
  switch (reason) {
    case Reason::kFirstView:
      return FirstViewClause(r);
    case Reason::kOverride:
      return OverrideClause(r);
    case Reason::kBlocked:
      return absl::StrCat(Plural(sizing.blocked_tasks, "task"),
                          sizing.blocked_tasks == 1 ? " waits while " : " wait while ",
                          Plural(sizing.blocked_slots, "slot"),
                          sizing.blocked_slots == 1 ? " is" : " are", " free and take none",
                          sizing.blocked_tasks < sizing.waiting.value_or(0)
                              ? ""
                              : ": more replicas would not help");
    case Reason::kOrphaned:
      return absl::StrCat(Plural(sizing.orphaned, "claimed task"),
                          sizing.orphaned == 1 ? " has" : " have", " no live process");
    case Reason::kDraining:
      return absl::StrCat(Plural(r.draining, "draining replica"),
                          sizing.draining_load > 0
                              ? absl::StrCat(" with ", Plural(sizing.draining_load, "task"))
                              : "",
                          r.draining == 1 ? " is" : " are", " not counted");
    case Reason::kLostWork:
      return absl::StrCat(Plural(sizing.lost_tasks, "task"),
                          " left the queue in five minutes without being run");
    case Reason::kSurplus:
    case Reason::kShortage:
      return absl::StrCat(r.current.value_or(0), " observed now; for more than ",
                          PlainDuration(kReportDifference), " ", Plain(reason));
    default:
      return Plain(reason);
  }
}

void AddReasons(const ReasonList& reasons, const Recommendation& recommendation, Clauses& clauses) {
  for (const Reason reason : reasons) clauses.push_back(ClauseOf(reason, recommendation));
}

}  // namespace

std::string PlainNumber(double value) {
  return std::abs(value) < 1000 ? absl::StrFormat("%.3g", value) : absl::StrFormat("%.0f", value);
}

std::string PlainNumber(double value, PolicyUnit unit) {
  constexpr double kNoise = 1e-9;  // rounding error of a slope through equal values
  return absl::StrCat(PlainNumber(std::abs(value) < kNoise ? 0 : value), AfterNumber(unit));
}

std::string_view InWords(Comparison comparison) {
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

std::string PlainDuration(absl::Duration duration) {
  const auto seconds = static_cast<long>(std::llround(absl::ToDoubleSeconds(duration)));
  const auto join = [](long big, const char* big_unit, long small, const char* small_unit) {
    std::string text = absl::StrCat(big, " ", big_unit);
    if (small > 0) absl::StrAppend(&text, " ", small, " ", small_unit);
    return text;
  };
  if (seconds < 60) return absl::StrCat(seconds, " s");
  if (seconds < 3600) return join(seconds / 60, "min", seconds % 60, "s");
  return join(seconds / 3600, "h", seconds % 3600 / 60, "min");
}

std::string Explain(const Recommendation& recommendation) {
  const char* name = NameOf(recommendation.service);
  Clauses clauses;
  if (!recommendation.valid()) {
    AddReasons(recommendation.limited, recommendation, clauses);
    if (clauses.empty()) {
      clauses.push_back(recommendation.fresh ? "no healthy replica has been observed yet"
                                             : "the input is missing or too old");
    }
    return absl::StrCat(name, ": no recommendation: ", absl::StrJoin(clauses, "; "), ".");
  }
  const int to = *recommendation.desired;
  const int from = recommendation.previous.value_or(to);
  const std::string replicas = to == 1 ? " replica" : " replicas";
  Decision wanted = recommendation.decision;
  std::string head = absl::StrCat(name, ": ", from, " → ", to, replicas, ": ");
  if (wanted == Decision::kHold) {
    wanted = recommendation.suppressed;
    head = absl::StrCat(name, ": stays at ", to, replicas, ": ");
  }
  if (wanted != Decision::kHold) {
    AddRules(recommendation, wanted == Decision::kScaleOut ? Direction::kOut : Direction::kIn,
             clauses);
    AddAhead(recommendation, clauses);
    AddSizing(recommendation, from, to, clauses);
  }
  if (recommendation.incident && !recommendation.limited.Has(Reason::kNoReplicas)) {
    clauses.push_back("no healthy replica is observed");
  }
  if (recommendation.incident && recommendation.sizing.demand.has_value()) {
    const bool proc = recommendation.service == Service::kProc;
    clauses.push_back(Plural(*recommendation.sizing.demand, proc ? "task" : "open stream") +
                      (*recommendation.sizing.demand == 1 ? " is there" : " are there"));
  }
  AddReasons(recommendation.limited, recommendation, clauses);
  AddReasons(recommendation.notes, recommendation, clauses);
  const bool queue = recommendation.service == Service::kProc && recommendation.fresh;
  if (queue && !recommendation.sizing.demand && !recommendation.notes.Has(Reason::kDoubted)) {
    clauses.push_back("the number of waiting tasks is unknown");
  }
  if (clauses.empty()) clauses.push_back("no rule asks for a change");
  return absl::StrCat(head, absl::StrJoin(clauses, "; "), ".");
}

}  // namespace chatscale::recommender
