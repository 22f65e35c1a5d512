#include "recommender/recommend.h"

#include <algorithm>

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
  const ReplicaPolicy& bounds;
  const StepPolicy& step_out;
  const StepPolicy& step_in;
  absl::Duration settle;
  absl::Duration in_window;
  absl::Duration out_window;
  double min_change;
  absl::Duration after_out;
  const SampleReadings& sample;
  ServiceState& state;
  Recommendation& report;
  bool usable = false;
  bool resumed = false;  // after the input was gone for long
  Assessment assessment;
  std::optional<int> follow;    // a scale-in by hand
  std::optional<int> previous;  // advice before this tick
};

template <typename ServicePolicy>
Lane LaneOf(const ServicePolicy& policy, absl::Duration in_window, const SampleReadings& sample,
            ServiceState& state, Recommendation& report) {
  return {policy.replicas,
          policy.out.step,
          policy.in.step,
          policy.out.settle,
          in_window,
          policy.out.stabilization,
          policy.in.min_change,
          policy.in.after_out,
          sample,
          state,
          report};
}

// Windows and rules were fed at the old time; nothing is earlier than `now` after this.
absl::Time AdvanceClock(State& state, absl::Time now) {
  if (now == absl::InfinitePast() || now == absl::InfiniteFuture()) {
    now = state.at == absl::InfinitePast() ? absl::UnixEpoch() : state.at;
  }
  now = WholeNanoseconds(now);
  if (now < state.at) ShiftTimes(state, now - state.at);
  state.at = now;
  return now;
}

void Open(Lane& lane, Service service, const InputPolicy& input, bool says_something,
          absl::Time now) {
  Recommendation& report = lane.report;
  lane.usable = lane.sample.fresh && says_something;
  lane.previous = lane.state.desired;
  lane.resumed =
      AnchorIfLost(input, lane.sample, lane.usable, lane.bounds, now, lane.state, report);
  if (!lane.previous.has_value()) lane.previous = lane.state.desired;
  WatchForOutage(input, lane.sample, lane.in_window, now, lane.state);
  LearnStartup(lane.sample.current, now, lane.state.startup);
  report.sizing.startup_seconds = StartupSeconds(lane.state.startup);
  report.service = service;
  report.at = now;
  report.current = lane.sample.current;
  report.min = lane.bounds.min;
  report.max = lane.bounds.max;
  report.fresh = lane.usable;
  report.partial = lane.sample.partial;
  report.input_age = now - lane.state.last_sample;
}

bool FullWindow(const Lane& lane, absl::Time now) {
  return now - lane.state.covered_since >= lane.in_window;
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

// Raw proposal, then the rails that concern this service alone.
Proposal ProposeFor(Lane& lane, absl::Time now) {
  Recommendation& report = lane.report;
  SizingReport& sizing = report.sizing;
  const int last = *lane.state.desired;
  const ProposeInput input{last, lane.sample.current, now - lane.state.last_change, lane.settle,
                           lane.in_window};
  Proposal proposal = Propose(lane.assessment, sizing, input);
  ProposePerRule(lane, input);
  const bool floor_known = ReplicasFor(sizing.window_need, sizing.per_replica).has_value();
  if (lane.follow.has_value() && floor_known && !lane.assessment.out_fires) {
    proposal.replicas = std::min(proposal.replicas, *lane.follow);
  }
  if (lane.resumed && lane.assessment.sized) {
    const int want = ReplicasFor(sizing.need, sizing.per_replica).value_or(0);
    proposal.replicas = std::max(proposal.replicas, want);
  }
  report.raw = proposal.replicas;

  StabilizationInput window;
  window.highest = ReplicasFor(sizing.window_need, sizing.per_replica);
  window.full_window = FullWindow(lane, now);
  window.min_change = lane.min_change;
  window.after_out = now - lane.state.last_out < lane.after_out;
  if (lane.assessment.sized && lane.out_window > absl::ZeroDuration()) {
    const MaybeNumber low = lane.state.need_low.Max(now, lane.out_window);
    if (low.has_value()) window.lowest = ReplicasFor(-*low, sizing.per_replica);
  }
  sizing.want = window.highest;
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
  claim.postgres_per_replica = lane.sample.postgres_per_replica;
  claim.redis_per_replica = lane.sample.redis_per_replica;
  return claim;
}

// What it wants, before the connections are shared out.
Claim ClaimFor(Lane& lane, const InputPolicy& input, absl::Time now) {
  const bool may_shrink = Complete(lane) && lane.assessment.in_known && FullWindow(lane, now);
  lane.follow =
      AdoptIfMoved(input, lane.sample, lane.bounds, may_shrink, now, lane.state, lane.report);
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
  lane.state.differs_since.reset();
}

void Close(Lane& lane, const InputPolicy& input, const Claim& claim, absl::Time now) {
  Recommendation& report = lane.report;
  ServiceState& state = lane.state;
  if (!state.desired.has_value()) return;
  Blindness blindness;
  blindness.stale = !lane.usable;
  blindness.no_replicas = lane.sample.current == 0;
  blindness.partial = !Complete(lane);
  blindness.outage = lane.state.outage_since.has_value();
  const int last = *state.desired;
  const Proposal final = HoldWhenBlind(claim.proposal, last, blindness, lane.bounds);
  report.limited = final.because;
  report.incident = blindness.no_replicas && report.sizing.demand != 0.0;
  if (lane.follow.has_value() && final.replicas < last) report.notes.Add(Reason::kAdopted);
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
  report.previous = lane.previous;
  report.decision = Compare(lane.previous.value_or(final.replicas), final.replicas);
  if (now - state.last_sample <= input.hold) report.desired = final.replicas;
}

}  // namespace

PerService<Recommendation> Advise(const Policy& policy, const Signals& signals, State& state) {
  PerService<Recommendation> reports;
  const absl::Time now = AdvanceClock(state, signals.now);
  const IngressReadings ingress_readings = Read(policy.input, signals.ingress, now);
  const ProcReadings proc_readings = Read(policy.input, signals.proc, now);

  Lane ingress = LaneOf(policy.ingress, InWindow(policy, Service::kIngress), ingress_readings,
                        state.ingress, reports.ingress);
  Lane proc = LaneOf(policy.proc, InWindow(policy, Service::kProc), proc_readings, state.proc,
                     reports.proc);
  Open(ingress, Service::kIngress, policy.input,
       ingress_readings.streams.has_value() || ingress_readings.current.has_value(), now);
  Open(proc, Service::kProc, policy.input,
       proc_readings.total.has_value() || proc_readings.current.has_value(), now);
  ingress.assessment = Assess(policy, ingress_readings, now, state.ingress, reports.ingress);
  proc.assessment = Assess(policy, proc_readings, now, state.proc, state.proc_memory, reports.proc);

  Claims claims{ClaimFor(ingress, policy.input, now), ClaimFor(proc, policy.input, now)};
  LimitConnections(policy.budget, signals.shared, claims);
  Close(ingress, policy.input, claims.ingress, now);
  Close(proc, policy.input, claims.proc, now);
  return reports;
}

Step Recommend(const Policy& policy, State state, const Signals& signals) {
  Step step{std::move(state), {}};
  step.recommendations = Advise(policy, signals, step.state);
  return step;
}

}  // namespace chatscale::recommender
