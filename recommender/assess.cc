#include "recommender/assess.h"

#include <algorithm>

#include "recommender/season.h"
#include "recommender/sizing.h"

namespace chatscale::recommender {

namespace {

constexpr std::size_t kMeanPressureRule = [] {
  const auto compares_mean = [](const RuleRow& row) {
    return row.value_of == &RuleSignals::mean_pressure;
  };
  return std::ranges::find_if(kProcRules, compares_mean) - kProcRules.begin();
}();

// Active: firing, and measured at this evaluation. A firing rule of unknown truth has no effect.
RuleStatus StatusOf(const RuleState& state) {
  if (!state.enabled) return RuleStatus::kOff;
  if (state.truth == Truth::kUnknown) return RuleStatus::kNoData;
  switch (state.phase) {
    case Phase::kInactive:
      return RuleStatus::kInactive;
    case Phase::kPending:
      return RuleStatus::kPending;
    case Phase::kFiring:
      return RuleStatus::kActive;
  }
  return RuleStatus::kNoData;
}

void AdvanceRules(const Policy& policy, Service service, const RuleSignals& checked,
                  const Cadence& cadence, absl::Time now, ServiceState& state,
                  Recommendation& report, Assessment& assessment) {
  bool in_any = false;
  bool in_all = true;
  assessment.in_known = true;
  std::size_t index = 0;
  for (const RuleRow& row : RuleRows(service)) {
    const RulePolicy& rule = policy.RuleOf(service, row);
    const SignalValue& signal = checked.*row.value_of;
    RuleState& rule_state = state.rules[index];
    Advance(rule, policy.input.gaps, cadence, Evaluate(rule.threshold, row.comparison, signal), now,
            rule_state);
    RuleReport& rule_report = report.rules[index++];
    rule_report.row = &row;
    rule_report.status = StatusOf(rule_state);
    rule_report.value = signal.value;
    rule_report.at_least = signal.at_least;
    rule_report.threshold = rule.threshold;
    rule_report.since = rule_state.since;
    rule_report.required = rule.duration;
    if (!rule.enabled) continue;
    const bool acts = rule_report.status == RuleStatus::kActive;
    if (row.direction == Direction::kOut) {
      assessment.out_fires = assessment.out_fires || acts;
      assessment.step_fires = assessment.step_fires ||
                              (acts && row.when_sizing_suffices == WhenSizingSuffices::kAddReplica);
      assessment.urgent = assessment.urgent || (acts && row.urgent);
    } else {
      in_any = true;
      in_all = in_all && acts;
      assessment.in_known = assessment.in_known && rule_state.truth != Truth::kUnknown;
    }
  }
  report.rule_count = index;
  assessment.in_fires = in_any && in_all;
}

// Records a measured demand; a longer gap clears the windows.
void ObserveDemand(const InputPolicy& policy, absl::Duration in_window, const Cadence& cadence,
                   absl::Time now, double demand, ServiceState& state) {
  if (now - state.need_known_at > policy.gaps.max_gap) {
    state.covered_since = now;
    state.need = {};
    state.floor = {};
    state.need_low = {};
    state.demand = {};
    state.covered = {.buckets = {}, .last = now};
  }
  state.need_known_at = now;
  state.covered.Add(now, 1, in_window, cadence.max_span);
  state.demand.Add(now, demand, policy.trend_window);
}

void RememberNeed(absl::Time now, absl::Duration in_window, absl::Duration out_window, double need,
                  ServiceState& state, SizingReport& sizing) {
  sizing.need = need;
  state.need.Add(now, need, in_window);
  state.floor.Add(now, need + sizing.orphaned, in_window);
  sizing.window_need = state.need.Max(now, in_window);
  if (out_window > absl::ZeroDuration()) state.need_low.Add(now, -need, out_window);
}

double Growth(const InputPolicy& policy, absl::Time now, const ServiceState& state) {
  return std::max(0.0, state.demand.SlopePerSecond(now, policy.trend_window).value_or(0));
}

// Exponential smoothing, because one-minute percentiles fluctuate.
void LearnServiceTime(const CheckedProc& checked, absl::Time now, ProcMemory& memory) {
  const MaybeNumber mean = MeanServiceSeconds(checked.exec_p50, checked.exec_p95);
  if (!mean.has_value()) return;
  if (memory.service_seconds.has_value()) {
    const absl::Duration since = now - memory.service_at;
    if (since <= absl::ZeroDuration()) return;
    const absl::Duration watched = since + memory.service_watched;
    const double weight =
        watched == absl::InfiniteDuration() ? 1 : absl::FDivDuration(since, watched);
    *memory.service_seconds += weight * (*mean - *memory.service_seconds);
    memory.service_watched = std::min(watched, kServiceSmoothing);
  } else {
    memory.service_seconds = mean;
    memory.service_watched = absl::ZeroDuration();
  }
  memory.service_at = now;
}

// Sets stuck_since: tasks wait, none has started, and no percentile shows it.
void WatchForHungWorkers(const CheckedProc& checked, absl::Duration silence, absl::Time now,
                         absl::Duration max_gap, ProcMemory& memory) {
  const bool stuck = checked.waiting.has_value() && *checked.waiting > 0 && checked.ended == 0.0 &&
                     !checked.wait_p95.has_value();
  if (silence > max_gap) memory.stuck_since.reset();
  if (stuck && !memory.stuck_since.has_value()) memory.stuck_since = now;
  if (!stuck && checked.fresh) memory.stuck_since.reset();
}

// The larger of the percentile and the age of the oldest waiting task. Without a percentile, that
// age or the time since the last start is a lower bound.
SignalValue WaitSignal(const CheckedProc& checked, const ProcMemory& memory, absl::Time now) {
  if (checked.wait_p95.has_value()) {
    return {std::max(*checked.wait_p95, checked.oldest.value_or(0))};
  }
  SignalValue value{checked.oldest, true};
  if (memory.stuck_since.has_value() && checked.fresh) {
    const double stuck = absl::ToDoubleSeconds(now - *memory.stuck_since);
    value.value = std::max(value.value.value_or(0), stuck);
  }
  return value;
}

// Where waiting tasks lack no slot, their age asks for no replicas, and scale-in uses the wait of
// those that started.
void CompareWait(const CheckedProc& checked, bool lack_slots, const ProcMemory& memory,
                 absl::Time now, RuleSignals& compared) {
  if (lack_slots) {
    compared.queue_wait = compared.started_wait = WaitSignal(checked, memory, now);
  } else {
    compared.started_wait = {checked.wait_p95};
  }
}

// Sizing where arrivals are unknown: by running and waiting tasks and their growth.
double SizeByWork(const Policy& policy, double busy, double backlog, double growth,
                  double service_seconds, SizingReport& sizing) {
  const ProcPolicy::Sizing& knobs = policy.proc.sizing;
  const ProcLoad load{busy, backlog, growth, service_seconds};
  const ProcNeed now_need = SlotsFor(load, absl::ZeroDuration(), knobs);
  sizing.drain_slots = now_need.drain_slots;
  sizing.out_need = SlotsFor(load, LeadOf(knobs.lead, sizing.startup_seconds), knobs).slots;
  return now_need.slots;
}

// Load after the lead time: the larger of `expected` and a trusted forecast.
double AheadBySeason(double load, double expected, absl::Duration lead, absl::Time now,
                     SeasonMemory& season, SizingReport& sizing) {
  LearnSeason(load, expected, lead, now, season);
  const std::optional<Forecast> forecast = ForecastOf(season);
  if (!forecast.has_value()) return expected;
  sizing.forecast = forecast->load;
  sizing.forecast_helped = forecast->score.HelpedSlots();
  sizing.forecast_idle = forecast->score.IdleSlots();
  sizing.by_forecast = forecast->trusted && forecast->load > expected;
  return sizing.by_forecast ? forecast->load : expected;
}

// Input of SizeByArrivals.
struct ArrivingWork {
  OfferedLoad load;
  double busy, backlog;  // tasks
  double service_seconds;
  std::optional<int> recommended;  // replicas
};

// Returns the slots for the measured load, and evaluates the trigger: whether the load after the
// lead time is too much for the recommended replicas.
double SizeByArrivals(const ProcPolicy& policy, const ArrivingWork& work, absl::Time now,
                      SeasonMemory& season, SizingReport& sizing, Assessment& assessment) {
  const OfferedLoad& load = work.load;
  const double service_seconds = work.service_seconds;
  const double z = load.peakedness;
  const absl::Duration lead =
      LeadOf(policy.sizing.lead, sizing.startup_seconds) + absl::Seconds(kDetectionDelaySeconds);
  double ahead = load.now + load.growth * absl::ToDoubleSeconds(lead);
  double mean = load.mean;
  if (policy.sizing.seasons) {
    ahead = AheadBySeason(load.now, ahead, lead, now, season, sizing);
    // Otherwise a scale-in would remove what the next trigger adds again.
    if (sizing.by_forecast) mean = std::max(mean, ahead);
  }
  const ProcNeed out = SlotsForLoad(sizing.by_forecast ? ahead : load.now, z, work.backlog,
                                    service_seconds, policy.sizing.wait_share, policy.sizing);
  // At least the busy slots: arrivals that are undercounted would look like an idle service.
  const double need = std::max(
      work.busy,
      SlotsForLoad(mean, z, 0, service_seconds, policy.sizing.in_share, policy.sizing).slots);
  sizing.offered_load = load.now;
  sizing.peakedness = z;
  sizing.ahead = ahead;
  sizing.drain_slots = out.drain_slots;
  sizing.out_need = out.slots;
  if (!work.recommended.has_value() || !sizing.per_replica.has_value()) return need;
  const double slots = *work.recommended * *sizing.per_replica;
  sizing.ahead_share =
      ShareWaitingLonger(slots, ahead, service_seconds, policy.sizing.wait_limit, z);
  // Growth decides when to scale out, the measured load decides how far.
  assessment.ahead_fires = policy.out.trigger.enabled &&
                           *sizing.ahead_share > policy.out.trigger.share && out.slots > slots;
  return need;
}

void WatchStreamsAhead(const IngressPolicy& policy, const CheckedIngress& checked,
                       const ServiceState& state, SizingReport& sizing, Assessment& assessment) {
  const IngressPolicy::Trigger& trigger = policy.out.trigger;
  if (!state.desired.has_value() || !checked.per_replica.has_value()) return;
  sizing.ahead_share = *sizing.ahead / (*state.desired * *checked.per_replica);
  if (!trigger.enabled || *sizing.ahead_share <= trigger.share) return;
  assessment.ahead_fires = true;
  // The trigger's own target; a rule that fires as well uses its own.
  assessment.trigger_need = *sizing.ahead / trigger.target;
}

// Slots of a replica that it can keep busy: a process starts at most kClaimsPerSecond tasks.
MaybeNumber SlotsKeptBusy(const CheckedProc& checked, MaybeNumber service_seconds) {
  if (!checked.per_replica.has_value() || !service_seconds.has_value()) return checked.per_replica;
  const double starts = kClaimsPerSecond * checked.processes_per_replica.value_or(1);
  return std::min(*checked.per_replica, starts * *service_seconds);
}

// Backlog in tasks. Background jobs count for less: they are cleared within kJobsDrain.
double BacklogOf(double tasks, double jobs, const ProcPolicy::Sizing& sizing) {
  return tasks + jobs * std::min(1.0, absl::FDivDuration(sizing.drain, kJobsDrain));
}

// Tasks / capacity; nullopt without a live replica, as the capacity is then a placeholder.
MaybeNumber PressureOf(MaybeNumber tasks, const CheckedProc& checked, const ServiceState& state) {
  const double capacity = checked.capacity.value_or(0) * OrderedShare(checked, state);
  if (!tasks.has_value() || checked.current == 0 || capacity <= 0) return std::nullopt;
  return *tasks / capacity;
}

// Tasks in the system; claimed ones are at least the running ones. So keys of claimed tasks that
// vanish and return do not count as arrivals.
MaybeNumber TasksThere(const CheckedProc& checked) {
  if (!checked.total || !checked.waiting || !checked.busy) return checked.total;
  const double run = *checked.busy + checked.draining_load - checked.jobs_claimed;
  return std::max(*checked.total, *checked.waiting + run);
}

void ReportQueue(const CheckedProc& checked, const QueueFindings& findings, SizingReport& sizing) {
  sizing.waiting = checked.waiting;
  sizing.draining_load = checked.draining_load;
  sizing.orphaned = findings.orphaned;
  sizing.blocked_tasks = findings.blocked_tasks;
  sizing.blocked_slots = findings.blocked_slots;
  sizing.lost_tasks = findings.lost;
}

}  // namespace

double OrderedShare(const CheckedSample& sample, const ServiceState& state) {
  const int current = sample.current.value_or(0);
  if (!state.desired.has_value() || current <= *state.desired) return 1;
  return static_cast<double>(*state.desired) / current;
}

Assessment Assess(const Policy& policy, const CheckedIngress& checked, const Cadence& cadence,
                  absl::Time now, ServiceState& state, Recommendation& report) {
  const IngressPolicy& ingress = policy.ingress;
  const absl::Duration in_window = InWindow(policy, Service::kIngress);
  Assessment assessment;
  SizingReport& sizing = report.sizing;
  sizing.demand = checked.streams;
  sizing.per_replica = checked.per_replica;
  sizing.at_least = checked.at_least;
  if (checked.at_least) {
    // Sufficient for a scale-out; a gap for the windows.
    sizing.need = IngressNeed(*checked.streams, ingress.sizing);
    sizing.window_need = std::max(*sizing.need, state.need.Max(now, in_window).value_or(0));
    assessment.sized = checked.per_replica.has_value();
  } else if (checked.streams.has_value()) {
    const double streams = *checked.streams;
    ObserveDemand(policy.input, in_window, cadence, now, streams, state);
    RememberNeed(now, in_window, ingress.out.stabilization, IngressNeed(streams, ingress.sizing),
                 state, sizing);
    const double ahead = Growth(policy.input, now, state) *
                         absl::ToDoubleSeconds(LeadOf(ingress.sizing.lead, sizing.startup_seconds));
    sizing.ahead = streams + ahead;
    sizing.out_need = IngressNeed(*sizing.ahead, ingress.sizing);
    assessment.sized = checked.per_replica.has_value();
    WatchStreamsAhead(ingress, checked, state, sizing, assessment);
  }
  assessment.work_need = assessment.running = sizing.demand;
  RuleSignals compared;
  compared.saturation = {checked.saturation, checked.at_least};
  if (compared.saturation.value.has_value()) {
    *compared.saturation.value /= OrderedShare(checked, state);
  }
  compared.rest_latency = {checked.rest_p95};
  compared.pools = {checked.pools};
  AdvanceRules(policy, Service::kIngress, compared, cadence, now, state, report, assessment);
  return assessment;
}

Assessment Assess(const Policy& policy, CheckedProc checked, const Cadence& cadence, absl::Time now,
                  ServiceState& state, ProcMemory& memory, Recommendation& report) {
  const ProcPolicy& proc = policy.proc;
  const GapPolicy& gaps = policy.input.gaps;
  const absl::Duration in_window = InWindow(policy, Service::kProc);
  const absl::Duration mean_window = policy.rules.proc[kMeanPressureRule].window;
  Assessment assessment;
  SizingReport& sizing = report.sizing;
  LearnServiceTime(checked, now, memory);
  WatchForHungWorkers(checked, now - state.need_known_at, now, gaps.max_gap, memory);
  const QueueFindings findings = CheckQueue(now, checked, memory.queue);
  if (findings.returned) {
    memory.arrivals.totals = {};
    state.demand = {};
  }
  ReportQueue(checked, findings, sizing);
  assessment.lost_work = findings.lost_most;
  assessment.orphans = checked.orphans_known && findings.orphaned > 0;
  assessment.running = checked.busy;
  LearnArrivals(checked, TasksThere(checked), memory.service_seconds.value_or(0), now,
                memory.arrivals);
  const double lacking = std::max(0.0, checked.waiting.value_or(0) - findings.blocked_tasks);
  const double backlog = BacklogOf(lacking, checked.jobs_waiting, proc.sizing);
  sizing.demand = checked.Demand();
  if (checked.jobs_waiting > 0) sizing.jobs_waiting = checked.jobs_waiting;
  sizing.per_replica = SlotsKeptBusy(checked, memory.service_seconds);
  sizing.service_seconds = memory.service_seconds;
  // Tasks that lack a slot, and all tasks.
  MaybeNumber demand, all;
  if (checked.total.has_value()) {
    const double ours = std::max(0.0, *checked.total - checked.draining_load);
    demand = checked.busy.has_value() ? *checked.busy + lacking : ours;
    all = std::max(ours, sizing.demand.value_or(0)) + checked.jobs_waiting;
    if (!sizing.demand.has_value()) sizing.demand = ours;
    ObserveDemand(policy.input, in_window, cadence, now, *demand, state);
    double need = *demand;
    if (checked.busy.has_value() && memory.service_seconds.has_value()) {
      const double service_seconds = *memory.service_seconds;
      sizing.drain = proc.sizing.drain;
      if (const auto arriving = OfferedLoadOf(memory.arrivals, now, service_seconds)) {
        const ArrivingWork work{*arriving, *checked.busy, backlog, service_seconds, state.desired};
        need = SizeByArrivals(proc, work, now, memory.season, sizing, assessment);
      } else {
        need = SizeByWork(policy, *checked.busy, backlog, Growth(policy.input, now, state),
                          service_seconds, sizing);
      }
      assessment.sized = checked.per_replica.has_value();
    }
    RememberNeed(now, in_window, proc.out.stabilization, need, state, sizing);
    assessment.work_need = checked.busy.value_or(0) + sizing.drain_slots.value_or(0);
  }
  RuleSignals compared;
  // Background jobs count as far as the existing slots would not clear them in time.
  if (demand.has_value()) *demand += backlog - lacking;
  const MaybeNumber pressure = PressureOf(demand, checked, state);
  if (pressure.has_value()) {
    memory.pressure.Add(now, *pressure, mean_window, cadence.max_span);
    compared.mean_pressure = {memory.pressure.Mean(now, mean_window, gaps.min_coverage)};
  }
  compared.pressure = {pressure};
  compared.utilization = {PressureOf(all, checked, state)};
  CompareWait(checked, lacking > 0 || findings.blocked_tasks <= 0, memory, now, compared);
  compared.exec_latency = {checked.exec_p95};
  compared.pools = {checked.pools};
  if (checked.total.has_value()) {
    MaybeNumber slope = state.demand.SlopePerSecond(now, policy.input.trend_window);
    if (slope.has_value()) *slope *= 60;
    compared.queue_growth = {slope};
  }
  AdvanceRules(policy, Service::kProc, compared, cadence, now, state, report, assessment);
  return assessment;
}

}  // namespace chatscale::recommender
