#include "recommender/recommend.h"

#include <algorithm>
#include <utility>

#include "recommender/anchor.h"
#include "recommender/assess.h"
#include "recommender/connections.h"
#include "recommender/propose.h"
#include "recommender/readings.h"
#include "recommender/sizing.h"
#include "recommender/startup.h"
#include "recommender/state_fields.h"

namespace chatscale::recommender {

namespace {

// One service on its way through the tick.
struct Lane {
  ReplicaPolicy bounds;  // in effect now
  const StepPolicy& step_out;
  const StepPolicy& step_in;
  absl::Duration settle;
  absl::Duration in_window;
  absl::Duration out_window;
  double min_change;
  double min_coverage;
  absl::Duration after_out;
  const SampleReadings& sample;
  ServiceState& state;
  Recommendation& report;
  Cadence cadence;
  bool usable = false;
  bool lost = false;      // the input was gone for long
  bool anchored = false;  // at this tick
  Assessment assessment;
  std::optional<int> previous;  // advice before this tick
};

template <typename ServicePolicy>
Lane LaneOf(const ServicePolicy& policy, double min_coverage, absl::Duration in_window,
            const SampleReadings& sample, const State& all, ServiceState& state,
            Recommendation& report, const Cadence& cadence) {
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

// Windows and rules were fed at the old time; nothing is earlier than `now` after this.
absl::Time AdvanceClock(State& state, absl::Time now) {
  if (now == absl::InfinitePast() || now == absl::InfiniteFuture()) {
    now = state.at == absl::InfinitePast() ? absl::UnixEpoch() : state.at;
  }
  now = WholeNanoseconds(now);
  if (now < state.at) ShiftTimes(state, now - state.at);
  return now;
}

// How often is evaluated, learned: one long silence at most doubles it, and scrapes that come in
// between shorten it slowly.
Cadence LearnCadence(const InputPolicy& policy, absl::Time now, State& state) {
  constexpr double kForget = 0.9, kTolerance = 0.1;
  const absl::Duration usual = state.interval;
  const absl::Duration since = now - std::exchange(state.at, now);
  if (since > absl::ZeroDuration() && since != absl::InfiniteDuration()) {
    const bool first = usual == absl::ZeroDuration();
    state.interval = first ? since : std::clamp(since, kForget * usual, 2 * usual);
  }
  Cadence cadence{.stands_for = policy.max_age, .tolerance = kTolerance * state.interval};
  if (usual > absl::ZeroDuration()) cadence.stands_for = std::min(policy.max_age, 2 * usual);
  return cadence;
}

// `working`: replicas that are known to take work.
void Open(Lane& lane, Service service, const InputPolicy& input, bool says_something,
          std::optional<int> working, absl::Time now) {
  Recommendation& report = lane.report;
  lane.usable = lane.sample.fresh && says_something;
  lane.previous = lane.state.desired;
  lane.lost = NoteSample(input, lane.sample, lane.usable, now, lane.state);
  WatchForOutage(input, lane.sample, lane.in_window, now, lane.state);
  LearnStartup(working, now, lane.state.startup);
  report.sizing.startup_seconds = StartupSeconds(lane.state.startup);
  report.service = service;
  report.at = now;
  report.current = lane.sample.current;
  report.draining = lane.sample.draining;
  report.min = lane.bounds.min;
  report.max = lane.bounds.max;
  if (lane.bounds.temporary.until > now) report.override_until = lane.bounds.temporary.until;
  report.fresh = lane.usable;
  report.partial = lane.sample.partial;
  report.input_age = now - lane.state.last_sample;
}

// A recommendation to start from, where there is none yet.
void AnchorAfterAssessment(Lane& lane, absl::Time now) {
  if (!lane.usable) return;
  const SizingReport& sizing = lane.report.sizing;
  const bool work = sizing.demand.value_or(0) > 0 || sizing.jobs_waiting.value_or(0) > 0;
  lane.anchored =
      Anchor(lane.sample,
             {.in_window = lane.in_window, .bounds = lane.bounds, .work = work, .lost = lane.lost},
             now, lane.state, lane.report);
  if (!lane.previous.has_value()) lane.previous = lane.state.desired;
  lane.report.incident = lane.sample.current == 0 && work;
}

bool FullWindow(const Lane& lane, absl::Time now) {
  return now - lane.state.covered_since + lane.cadence.tolerance >= lane.in_window &&
         lane.state.covered.Coverage(now, lane.in_window) >= lane.min_coverage;
}

bool Complete(const Lane& lane) {
  return lane.usable && !lane.sample.partial && lane.sample.current.has_value() &&
         lane.report.sizing.demand.has_value();
}

// What each active rule would ask for if it were alone.
void ProposePerRule(const Lane& lane, const ProposeInput& input) {
  Recommendation& report = lane.report;
  for (std::size_t i = 0; i < report.rule_count; ++i) {
    RuleReport& rule = report.rules[i];
    if (rule.status != RuleStatus::kActive) continue;
    Assessment alone;
    alone.sized = lane.assessment.sized;
    alone.in_fires = rule.row->direction == Direction::kIn;
    alone.out_fires = !alone.in_fires;
    alone.step_fires = alone.out_fires && rule.row->beyond == Beyond::kStep;
    rule.desired = Propose(alone, report.sizing, input).replicas;
  }
}

// Replicas that nobody recommended may run more than the recommended ones can take. For a moment
// that is nothing: the streams of a killed process count for as long as its keys live.
void RaiseByOverrun(Lane& lane, absl::Time now, Proposal& proposal) {
  constexpr absl::Duration kLasting = absl::Minutes(2);
  const int last = *lane.state.desired;
  const auto running = ReplicasFor(lane.assessment.running, lane.report.sizing.per_replica);
  std::optional<absl::Time>& since = lane.state.overrun_since;
  if (!lane.usable || lane.sample.current.value_or(0) <= last || running.value_or(0) <= last) {
    since.reset();
    return;
  }
  if (!since.has_value()) since = now;
  if (now - *since < kLasting || proposal.replicas >= *running) return;
  proposal.replicas = *running;
  lane.report.notes.Add(Reason::kOverrun);
}

// Raw proposal, then the rails that concern this service alone.
Proposal ProposeFor(Lane& lane, absl::Time now) {
  Recommendation& report = lane.report;
  SizingReport& sizing = report.sizing;
  const int last = *lane.state.desired;
  const ProposeInput input{last, lane.sample.current, now - lane.state.last_change, lane.settle,
                           lane.in_window};
  Proposal proposal = Propose(lane.assessment, sizing, input);
  ProposePerRule(lane, input);
  if (lane.anchored) {
    const auto need = ReplicasFor(lane.assessment.work_need, sizing.per_replica);
    proposal.replicas = std::max(proposal.replicas, need.value_or(0));
  }
  RaiseByOverrun(lane, now, proposal);
  report.raw = proposal.replicas;

  StabilizationInput window;
  const MaybeNumber floor = lane.state.floor.Max(now, lane.in_window);
  window.highest =
      ReplicasFor(sizing.window_need.has_value() ? floor : std::nullopt, sizing.per_replica);
  window.full_window = FullWindow(lane, now);
  window.min_change = lane.min_change;
  window.after_out = now - lane.state.last_out < lane.after_out;
  if (lane.assessment.sized && lane.out_window > absl::ZeroDuration()) {
    const MaybeNumber low = lane.state.need_low.Max(now, lane.out_window);
    if (low.has_value()) window.lowest = ReplicasFor(-*low, sizing.per_replica);
  }
  sizing.want = ReplicasFor(sizing.window_need, sizing.per_replica);
  proposal = Stabilize(proposal, last, window);
  proposal = LimitStep(proposal, last, lane.state.changes, lane.step_out, lane.step_in, now);
  return Clamp(proposal, lane.bounds);
}

Claim ClaimOf(const Lane& lane, const Proposal& proposal) {
  Claim claim;
  claim.proposal = proposal;
  claim.granted =
      std::max({lane.state.desired.value_or(0), lane.sample.current.value_or(0), lane.bounds.min});
  claim.urgent = lane.assessment.urgent;
  claim.draining = lane.sample.draining;
  claim.postgres_per_replica = lane.sample.postgres_per_replica;
  claim.redis_per_replica = lane.sample.redis_per_replica;
  return claim;
}

// What it wants, before the connections are shared out.
Claim ClaimFor(Lane& lane, absl::Time now) {
  Proposal proposal{lane.sample.current.value_or(0), {}};
  if (lane.state.desired.has_value()) proposal = ProposeFor(lane, now);
  return ClaimOf(lane, proposal);
}

Decision Compare(int from, int to) {
  if (to == from) return Decision::kHold;
  return to > from ? Decision::kScaleOut : Decision::kScaleIn;
}

void RememberChange(Lane& lane, int delta, absl::Time now) {
  const absl::Duration longest = std::max(lane.step_out.period, lane.step_in.period);
  std::vector<Change>& changes = lane.state.changes;
  std::erase_if(changes, [&](const Change& change) { return now - change.at >= longest; });
  changes.push_back({now, delta});
  lane.state.last_change = now;
  if (delta > 0) lane.state.last_out = now;
  lane.state.surplus_since.reset();
  lane.state.shortage_since.reset();
}

// What limits nothing, and the reader should know.
void AddNotes(const Lane& lane, Recommendation& report) {
  const SizingReport& sizing = report.sizing;
  if (sizing.blocked_tasks > 0) report.notes.Add(Reason::kBlocked);
  if (lane.assessment.orphans) report.notes.Add(Reason::kOrphaned);
  if (lane.sample.draining > 0) report.notes.Add(Reason::kDraining);
  if (lane.assessment.lost_work) report.notes.Add(Reason::kLostWork);
}

void Close(Lane& lane, const InputPolicy& input, const Claim& claim, absl::Time now) {
  Recommendation& report = lane.report;
  ServiceState& state = lane.state;
  AddNotes(lane, report);
  if (!state.desired.has_value()) return;
  Blindness blindness;
  blindness.stale = !lane.usable;
  blindness.no_replicas = lane.sample.current == 0;
  blindness.partial = !Complete(lane);
  blindness.outage = lane.state.outage_since.has_value();
  blindness.lost_work = lane.assessment.lost_work;
  const int last = *state.desired;
  const Proposal final = HoldWhenBlind(claim.proposal, last, blindness, lane.bounds);
  report.limited = final.because;
  const bool overridden = report.override_until.has_value();
  if (overridden && !report.limited.Has(Reason::kOverride)) report.notes.Add(Reason::kOverride);
  const bool ahead = lane.assessment.ahead_fires && !lane.assessment.out_fires;
  if (ahead && final.replicas > last) report.notes.Add(Reason::kLoadAhead);
  for (const Reason reason : claim.unknown) report.notes.Add(reason);
  report.connection_shortfall = claim.shortfall;
  if (final.replicas == last) report.suppressed = Compare(last, report.raw.value_or(last));
  if (final.replicas != last) {
    RememberChange(lane, final.replicas - last, now);
    NoteChange(last, final.replicas, lane.sample.current, now, state.startup);
  }
  state.desired = final.replicas;
  state.ordered = std::max(state.ordered, final.replicas);
  WatchForDifference(lane.sample, now, state, report);
  report.ordered = state.ordered;
  report.previous = lane.previous;
  report.decision = Compare(lane.previous.value_or(final.replicas), final.replicas);
  if (now - state.last_sample <= input.hold) report.desired = final.replicas;
}

// A new processor may live for minutes before it takes work: those without a task while some waits
// have not started yet.
std::optional<int> Working(const ProcReadings& readings) {
  const bool waits = readings.waiting.value_or(0) > 0;
  if (!readings.current.has_value() || !waits) return readings.current;
  const auto idle = static_cast<int>(std::min(readings.idle_replicas.value_or(0), 1e6));
  return std::max(0, *readings.current - idle);
}

}  // namespace

PerService<Recommendation> Advise(const Policy& policy, const Signals& signals, State& state) {
  PerService<Recommendation> reports;
  const InputPolicy& input = policy.input;
  const absl::Time now = AdvanceClock(state, signals.now);
  const Cadence cadence = LearnCadence(input, now, state);
  const IngressReadings ingress_readings = Read(input, signals.ingress, now);
  ProcReadings proc_readings = Read(input, signals.proc, now);

  Lane ingress =
      LaneOf(policy.ingress, input.gaps.min_coverage, InWindow(policy, Service::kIngress),
             ingress_readings, state, state.ingress, reports.ingress, cadence);
  Lane proc = LaneOf(policy.proc, input.gaps.min_coverage, InWindow(policy, Service::kProc),
                     proc_readings, state, state.proc, reports.proc, cadence);
  Open(ingress, Service::kIngress, input,
       ingress_readings.streams.has_value() || ingress_readings.current.has_value(),
       ingress_readings.current, now);
  Open(proc, Service::kProc, input,
       proc_readings.total.has_value() || proc_readings.current.has_value(), Working(proc_readings),
       now);
  ingress.assessment =
      Assess(policy, ingress_readings, cadence, now, state.ingress, reports.ingress);
  proc.assessment =
      Assess(policy, proc_readings, cadence, now, state.proc, state.proc_memory, reports.proc);
  if (state.proc_memory.queue.doubted) {
    proc_readings.partial = reports.proc.partial = true;
    reports.proc.notes.Add(Reason::kDoubted);
  }
  AnchorAfterAssessment(ingress, now);
  AnchorAfterAssessment(proc, now);

  Claims claims{ClaimFor(ingress, now), ClaimFor(proc, now)};
  LimitConnections(policy.budget, signals.shared, claims);
  Close(ingress, input, claims.ingress, now);
  Close(proc, input, claims.proc, now);
  return reports;
}

Step Recommend(const Policy& policy, State state, const Signals& signals) {
  Step step{std::move(state), {}};
  step.recommendations = Advise(policy, signals, step.state);
  return step;
}

}  // namespace chatscale::recommender
