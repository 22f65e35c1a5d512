#include "recommender/recommend.h"

#include <algorithm>
#include <utility>

#include "recommender/assess.h"
#include "recommender/checked_signals.h"
#include "recommender/connections.h"
#include "recommender/propose.h"
#include "recommender/sizing.h"
#include "recommender/starting_count.h"
#include "recommender/startup.h"
#include "recommender/state_fields.h"

namespace chatscale::recommender {

namespace {

// Data of one service during one evaluation.
struct ServiceEvaluation {
  ReplicaPolicy bounds;  // in effect now
  const StepPolicy& step_out;
  const StepPolicy& step_in;
  absl::Duration settle;
  absl::Duration in_window;
  absl::Duration out_window;
  double min_change;
  double min_coverage;
  absl::Duration after_out;
  const CheckedSample& sample;
  ServiceState& state;
  Recommendation& report;
  Cadence cadence;
  bool usable = false;
  bool lost = false;     // the input was missing for longer than the hold
  bool started = false;  // at this evaluation
  Assessment assessment;
  std::optional<int> previous;  // recommendation before this evaluation
};

template <typename ServicePolicy>
ServiceEvaluation ServiceEvaluationOf(const ServicePolicy& policy, double min_coverage,
                                      absl::Duration in_window, const CheckedSample& sample,
                                      const State& all, ServiceState& state, Recommendation& report,
                                      const Cadence& cadence) {
  return {BoundsAt(policy.replicas, all.at),
          policy.out.step,
          policy.in.step,
          policy.out.settle,
          in_window,
          policy.out.stabilization,
          policy.in.min_change,
          min_coverage,
          policy.in.after_out,
          sample,
          state,
          report,
          cadence};
}

// After a jump back, shifts the state so that no stored time is later than the returned `now`.
absl::Time AdvanceClock(State& state, absl::Time now) {
  if (now == absl::InfinitePast() || now == absl::InfiniteFuture()) {
    now = state.at == absl::InfinitePast() ? absl::UnixEpoch() : state.at;
  }
  now = WholeNanoseconds(now);
  if (now < state.at) ShiftTimes(state, now - state.at);
  return now;
}

// Learns the evaluation interval: one long gap at most doubles it, and extra evaluations between
// two regular ones shorten it slowly.
Cadence LearnCadence(const InputPolicy& policy, absl::Time now, State& state) {
  constexpr double kShrink = 0.9, kTolerance = 0.1;
  const absl::Duration usual = state.interval;
  const absl::Duration since = now - std::exchange(state.at, now);
  if (since > absl::ZeroDuration() && since != absl::InfiniteDuration()) {
    const bool first = usual == absl::ZeroDuration();
    state.interval = first ? since : std::clamp(since, kShrink * usual, 2 * usual);
  }
  Cadence cadence{.max_span = policy.max_age, .tolerance = kTolerance * state.interval};
  if (usual > absl::ZeroDuration()) cadence.max_span = std::min(policy.max_age, 2 * usual);
  return cadence;
}

// `working`: replicas known to take work.
void BeginEvaluation(ServiceEvaluation& tick, Service service, const InputPolicy& input,
                     bool says_something, std::optional<int> working, absl::Time now) {
  Recommendation& report = tick.report;
  tick.usable = tick.sample.fresh && says_something;
  tick.previous = tick.state.desired;
  tick.lost = NoteSample(input, tick.sample, tick.usable, now, tick.state);
  DetectOutage(input, tick.sample, tick.in_window, now, tick.state);
  LearnStartup(working, now, tick.state.startup);
  report.sizing.startup_seconds = StartupSeconds(tick.state.startup);
  report.service = service;
  report.at = now;
  report.current = tick.sample.current;
  report.draining = tick.sample.draining;
  report.min = tick.bounds.min;
  report.max = tick.bounds.max;
  if (tick.bounds.temporary.until > now) report.override_until = tick.bounds.temporary.until;
  report.fresh = tick.usable;
  report.partial = tick.sample.partial;
  report.input_age = now - tick.state.last_sample;
}

// Sets the starting count, where there is no recommendation yet.
void StartAfterAssessment(ServiceEvaluation& tick, absl::Time now) {
  if (!tick.usable) return;
  const SizingReport& sizing = tick.report.sizing;
  const bool work = sizing.demand.value_or(0) > 0 || sizing.jobs_waiting.value_or(0) > 0;
  tick.started = StartFromObserved(
      tick.sample,
      {.in_window = tick.in_window, .bounds = tick.bounds, .work = work, .lost = tick.lost}, now,
      tick.state, tick.report);
  if (!tick.previous.has_value()) tick.previous = tick.state.desired;
  tick.report.incident = tick.sample.current == 0 && work;
}

bool FullWindow(const ServiceEvaluation& tick, absl::Time now) {
  return now - tick.state.covered_since + tick.cadence.tolerance >= tick.in_window &&
         tick.state.covered.Coverage(now, tick.in_window) >= tick.min_coverage;
}

bool Complete(const ServiceEvaluation& tick) {
  return tick.usable && !tick.sample.partial && tick.sample.current.has_value() &&
         tick.report.sizing.demand.has_value();
}

// The replicas that each active rule alone would propose.
void ProposePerRule(const ServiceEvaluation& tick, const ProposeInput& input) {
  Recommendation& report = tick.report;
  for (std::size_t i = 0; i < report.rule_count; ++i) {
    RuleReport& rule = report.rules[i];
    if (rule.status != RuleStatus::kActive) continue;
    Assessment alone;
    alone.sized = tick.assessment.sized;
    alone.in_fires = rule.row->direction == Direction::kIn;
    alone.out_fires = !alone.in_fires;
    alone.step_fires =
        alone.out_fires && rule.row->when_sizing_suffices == WhenSizingSuffices::kAddReplica;
    rule.desired = Propose(alone, report.sizing, input).replicas;
  }
}

// Surplus replicas may run more than the recommended ones can take. Only a lasting overrun counts:
// the streams of a killed process count until its keys expire.
void RaiseByOverrun(ServiceEvaluation& tick, absl::Time now, Proposal& proposal) {
  constexpr absl::Duration kLasting = absl::Minutes(2);
  const int last = *tick.state.desired;
  const auto running = ReplicasFor(tick.assessment.running, tick.report.sizing.per_replica);
  std::optional<absl::Time>& since = tick.state.overrun_since;
  if (!tick.usable || tick.sample.current.value_or(0) <= last || running.value_or(0) <= last) {
    since.reset();
    return;
  }
  if (!since.has_value()) since = now;
  if (now - *since < kLasting || proposal.replicas >= *running) return;
  proposal.replicas = *running;
  tick.report.notes.Add(Reason::kOverrun);
}

// Raw proposal, then the guard rails of this service alone.
Proposal ProposeFor(ServiceEvaluation& tick, absl::Time now) {
  Recommendation& report = tick.report;
  SizingReport& sizing = report.sizing;
  const int last = *tick.state.desired;
  const ProposeInput input{last, tick.sample.current, now - tick.state.last_change, tick.settle,
                           tick.in_window};
  Proposal proposal = Propose(tick.assessment, sizing, input);
  ProposePerRule(tick, input);
  if (tick.started) {
    const auto need = ReplicasFor(tick.assessment.work_need, sizing.per_replica);
    proposal.replicas = std::max(proposal.replicas, need.value_or(0));
  }
  RaiseByOverrun(tick, now, proposal);
  report.raw = proposal.replicas;

  StabilizationInput window;
  const MaybeNumber floor = tick.state.floor.Max(now, tick.in_window);
  window.highest =
      ReplicasFor(sizing.window_need.has_value() ? floor : std::nullopt, sizing.per_replica);
  window.full_window = FullWindow(tick, now);
  window.min_change = tick.min_change;
  window.after_out = now - tick.state.last_out < tick.after_out;
  if (tick.assessment.sized && tick.out_window > absl::ZeroDuration()) {
    const MaybeNumber low = tick.state.need_low.Max(now, tick.out_window);
    if (low.has_value()) window.lowest = ReplicasFor(-*low, sizing.per_replica);
  }
  sizing.want = ReplicasFor(sizing.window_need, sizing.per_replica);
  proposal = Stabilize(proposal, last, window);
  proposal = LimitStep(proposal, last, tick.state.changes, tick.step_out, tick.step_in, now);
  return Clamp(proposal, tick.bounds);
}

ConnectionDemand ConnectionDemandOf(const ServiceEvaluation& tick, const Proposal& proposal) {
  ConnectionDemand claim;
  claim.proposal = proposal;
  claim.granted =
      std::max({tick.state.desired.value_or(0), tick.sample.current.value_or(0), tick.bounds.min});
  claim.urgent = tick.assessment.urgent;
  claim.draining = tick.sample.draining;
  claim.postgres_per_replica = tick.sample.postgres_per_replica;
  claim.redis_per_replica = tick.sample.redis_per_replica;
  return claim;
}

// The proposal before the connection budget.
ConnectionDemand ConnectionDemandFor(ServiceEvaluation& tick, absl::Time now) {
  Proposal proposal{tick.sample.current.value_or(0), {}};
  if (tick.state.desired.has_value()) proposal = ProposeFor(tick, now);
  return ConnectionDemandOf(tick, proposal);
}

Decision Compare(int from, int to) {
  if (to == from) return Decision::kHold;
  return to > from ? Decision::kScaleOut : Decision::kScaleIn;
}

void RememberChange(ServiceEvaluation& tick, int delta, absl::Time now) {
  const absl::Duration longest = std::max(tick.step_out.period, tick.step_in.period);
  std::vector<Change>& changes = tick.state.changes;
  std::erase_if(changes, [&](const Change& change) { return now - change.at >= longest; });
  changes.push_back({now, delta});
  tick.state.last_change = now;
  if (delta > 0) tick.state.last_out = now;
  tick.state.surplus_since.reset();
  tick.state.shortage_since.reset();
}

// Notes limit nothing; they are for the reader.
void AddNotes(const ServiceEvaluation& tick, Recommendation& report) {
  const SizingReport& sizing = report.sizing;
  if (sizing.blocked_tasks > 0) report.notes.Add(Reason::kBlocked);
  if (tick.assessment.orphans) report.notes.Add(Reason::kOrphaned);
  if (tick.sample.draining > 0) report.notes.Add(Reason::kDraining);
  if (tick.assessment.lost_work) report.notes.Add(Reason::kLostWork);
}

void FinishEvaluation(ServiceEvaluation& tick, const InputPolicy& input,
                      const ConnectionDemand& claim, absl::Time now) {
  Recommendation& report = tick.report;
  ServiceState& state = tick.state;
  AddNotes(tick, report);
  if (!state.desired.has_value()) return;
  InputProblems problems;
  problems.stale = !tick.usable;
  problems.no_replicas = tick.sample.current == 0;
  problems.partial = !Complete(tick);
  problems.outage = tick.state.outage_since.has_value();
  problems.lost_work = tick.assessment.lost_work;
  const int last = *state.desired;
  const Proposal final = HoldOnBadInput(claim.proposal, last, problems, tick.bounds);
  report.limited = final.reasons;
  const bool overridden = report.override_until.has_value();
  if (overridden && !report.limited.Has(Reason::kOverride)) report.notes.Add(Reason::kOverride);
  const bool ahead = tick.assessment.ahead_fires && !tick.assessment.out_fires;
  if (ahead && final.replicas > last) report.notes.Add(Reason::kLoadAhead);
  for (const Reason reason : claim.unknown) report.notes.Add(reason);
  report.connection_shortfall = claim.shortfall;
  if (final.replicas == last) report.suppressed = Compare(last, report.raw.value_or(last));
  if (final.replicas != last) {
    RememberChange(tick, final.replicas - last, now);
    NoteChange(last, final.replicas, tick.sample.current, now, state.startup);
  }
  state.desired = final.replicas;
  state.ordered = std::max(state.ordered, final.replicas);
  DetectDifference(tick.sample, now, state, report);
  report.ordered = state.ordered;
  report.previous = tick.previous;
  report.decision = Compare(tick.previous.value_or(final.replicas), final.replicas);
  if (now - state.last_sample <= input.hold) report.desired = final.replicas;
}

// A new processor may be alive for minutes before it takes work: while tasks wait, replicas without
// a task count as not started.
std::optional<int> Working(const CheckedProc& checked) {
  const bool waits = checked.waiting.value_or(0) > 0;
  if (!checked.current.has_value() || !waits) return checked.current;
  const auto idle = static_cast<int>(std::min(checked.idle_replicas.value_or(0), 1e6));
  return std::max(0, *checked.current - idle);
}

}  // namespace

PerService<Recommendation> RecommendInPlace(const Policy& policy, const Signals& signals,
                                            State& state) {
  PerService<Recommendation> reports;
  const InputPolicy& input = policy.input;
  const absl::Time now = AdvanceClock(state, signals.now);
  const Cadence cadence = LearnCadence(input, now, state);
  const CheckedIngress ingress_readings = Read(input, signals.ingress, now);
  CheckedProc proc_readings = Read(input, signals.proc, now);

  ServiceEvaluation ingress = ServiceEvaluationOf(
      policy.ingress, input.gaps.min_coverage, InWindow(policy, Service::kIngress),
      ingress_readings, state, state.ingress, reports.ingress, cadence);
  ServiceEvaluation proc =
      ServiceEvaluationOf(policy.proc, input.gaps.min_coverage, InWindow(policy, Service::kProc),
                          proc_readings, state, state.proc, reports.proc, cadence);
  BeginEvaluation(ingress, Service::kIngress, input,
                  ingress_readings.streams.has_value() || ingress_readings.current.has_value(),
                  ingress_readings.current, now);
  BeginEvaluation(proc, Service::kProc, input,
                  proc_readings.total.has_value() || proc_readings.current.has_value(),
                  Working(proc_readings), now);
  ingress.assessment =
      Assess(policy, ingress_readings, cadence, now, state.ingress, reports.ingress);
  proc.assessment =
      Assess(policy, proc_readings, cadence, now, state.proc, state.proc_memory, reports.proc);
  if (state.proc_memory.queue.doubted) {
    proc_readings.partial = reports.proc.partial = true;
    reports.proc.notes.Add(Reason::kDoubted);
  }
  StartAfterAssessment(ingress, now);
  StartAfterAssessment(proc, now);

  ConnectionDemands claims{ConnectionDemandFor(ingress, now), ConnectionDemandFor(proc, now)};
  LimitConnections(policy.budget, signals.shared, claims);
  FinishEvaluation(ingress, input, claims.ingress, now);
  FinishEvaluation(proc, input, claims.proc, now);
  return reports;
}

Step Recommend(const Policy& policy, State state, const Signals& signals) {
  Step step{std::move(state), {}};
  step.recommendations = RecommendInPlace(policy, signals, step.state);
  return step;
}

}  // namespace chatscale::recommender
