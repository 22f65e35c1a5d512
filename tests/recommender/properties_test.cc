// Random histories, seeded: what must hold at every tick whatever the signals do.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <random>
#include <vector>

#include "recommender/starting_count.h"
#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

class History {
 public:
  explicit History(unsigned seed) : random_(seed) {
    policy_.ingress.replicas = {.min = 1 + Below(3), .max = 4 + Below(30)};
    policy_.proc.replicas = {.min = 1 + Below(3), .max = 4 + Below(30)};
    if (Below(2) == 0) {
      Set(policy_, "ingress.out.saturation_fast.enabled", "true");
      Set(policy_, "ingress.in.saturation.threshold", "0.55");
      policy_.ingress.sizing.target = 0.65;
      policy_.ingress.out.trigger.enabled = policy_.proc.out.trigger.enabled = true;
    }
    if (Below(2) == 0) {
      policy_.proc.in.min_change = 0.1;
      policy_.proc.in.after_out = absl::ZeroDuration();
    }
    interval_ = absl::Seconds(5 + 5 * Below(8));
    fault_percent_ = Below(3) == 0 ? 0 : Below(20);
    others_act_ = Below(2) == 0;
    postgres_limit_ = 40 + Below(400);
  }

  Signals Next() {
    now_ += interval_;
    if (Below(200) == 0) now_ += absl::Seconds(Below(1200) - 600);
    Walk(ingress_load_);
    Walk(proc_load_);
    Signals s = Calm(now_);
    ingress_.Follow(*this);
    proc_.Follow(*this);
    s.ingress.current_replicas = ingress_.seen();
    s.ingress.stream_capacity = 100 * ingress_.seen();
    s.ingress.streams = std::floor(ingress_load_ * 100);
    s.ingress.rest_p95_seconds = 0.1 + 0.2 * Below(10);
    s.proc.current_replicas = proc_.seen();
    const double slots = 8 * proc_.seen();
    const double tasks = std::floor(proc_load_ * 8);
    s.proc.queue_total = tasks;
    s.proc.busy_slots = std::min(tasks, slots);
    s.proc.waiting = tasks - *s.proc.busy_slots;
    s.proc.queue_capacity = 2 * slots;
    s.proc.wait_p95_seconds = *s.proc.waiting * 20 / slots;
    if (Below(3) > 0) s.proc.completed = std::floor(std::min(tasks, slots) * 2.5);
    if (*s.proc.waiting > slots) s.proc.refused = Below(30);
    s.ingress.postgres_connections_per_replica = 3;
    s.proc.postgres_connections_per_replica = 5;
    s.shared.postgres_limit = postgres_limit_;
    if (Below(100) < fault_percent_) Spoil(s);
    return s;
  }

  const Policy& policy() const { return policy_; }
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  void RecommendInPlace(const PerService<Recommendation>& answers) {
    if (answers.ingress.desired.has_value()) ingress_.recommended = *answers.ingress.desired;
    if (answers.proc.desired.has_value()) proc_.recommended = *answers.proc.desired;
  }

 private:
  // What runs is not always what was recommended: it starts, drains, crashes; somebody sets another
  // count and keeps it; heartbeats vanish and come back.
  struct Fleet {
    int recommended = 2;
    int running = 2;
    int by_hand_for = 0;  // ticks
    int hidden_for = 0;
    double hidden = 0;  // share of what runs

    void Follow(History& history) {
      if (history.others_act_ && by_hand_for == 0 && history.Below(80) == 0) {
        by_hand_for = 1 + history.Below(200);
        running = 1 + history.Below(2 * recommended + 2);
      }
      if (history.others_act_ && hidden_for == 0 && history.Below(80) == 0) {
        hidden_for = 1 + history.Below(100);
        hidden = history.Below(100) / 100.0;
      }
      if (by_hand_for == 0 && history.Below(4) == 0) running = recommended;
      by_hand_for = std::max(0, by_hand_for - 1);
      hidden_for = std::max(0, hidden_for - 1);
    }

    double seen() const { return std::ceil(running * (hidden_for > 0 ? 1 - hidden : 1)); }
  };

  void Walk(double& load) {
    load = std::clamp(load * (0.94 + 0.12 * Below(101) / 100.0), 0.2, 40.0);
    if (Below(150) == 0) load *= 3;
  }

  void Spoil(Signals& s) {
    MaybeNumber* const values[] = {&s.ingress.streams,
                                   &s.ingress.stream_capacity,
                                   &s.ingress.rest_p95_seconds,
                                   &s.ingress.rest_samples,
                                   &s.ingress.current_replicas,
                                   &s.proc.queue_total,
                                   &s.proc.waiting,
                                   &s.proc.busy_slots,
                                   &s.proc.queue_capacity,
                                   &s.proc.wait_p95_seconds,
                                   &s.proc.wait_samples,
                                   &s.proc.current_replicas,
                                   &s.proc.exec_p50_seconds,
                                   &s.proc.slots_per_replica,
                                   &s.shared.postgres_limit,
                                   &s.proc.completed,
                                   &s.proc.refused};
    const MaybeNumber faults[] = {std::nullopt,
                                  std::numeric_limits<double>::quiet_NaN(),
                                  std::numeric_limits<double>::infinity(),
                                  -1.0,
                                  0.0,
                                  1e300};
    *values[Below(std::size(values))] = faults[Below(std::size(faults))];
    switch (Below(10)) {
      case 0:
        s.ingress.sampled_at.reset();
        break;
      case 1:
        *s.proc.sampled_at -= absl::Minutes(2);
        break;
      case 2:
        s.proc.partial = true;
        break;
      default:
        break;
    }
  }

  std::mt19937 random_;
  Policy policy_;
  absl::Time now_ = kStart;
  absl::Duration interval_;
  int fault_percent_ = 0;
  double postgres_limit_ = 0;
  double ingress_load_ = 1, proc_load_ = 1;
  bool others_act_ = false;
  Fleet ingress_, proc_;
};

bool Sound(MaybeNumber value) { return value.has_value() && *value >= 0 && *value <= 1e9; }

// A percentile of an unstated number of samples is taken as it is.
bool SoundOrUnstated(MaybeNumber value) { return !value.has_value() || Sound(value); }

bool MayShrink(const IngressSignals& s, absl::Time now) {
  return s.sampled_at.has_value() && now - *s.sampled_at <= absl::Minutes(1) && !s.partial &&
         Sound(s.streams) && Sound(s.stream_capacity) && Sound(s.current_replicas) &&
         *s.current_replicas > 0 && SoundOrUnstated(s.rest_samples) &&
         (Sound(s.rest_p95_seconds) || s.rest_samples == 0.0);
}

bool MayShrink(const ProcSignals& s, absl::Time now) {
  return s.sampled_at.has_value() && now - *s.sampled_at <= absl::Minutes(1) && !s.partial &&
         (Sound(s.queue_total) ||
          (!s.queue_total.has_value() && Sound(s.busy_slots) && Sound(s.waiting))) &&
         Sound(s.queue_capacity) && Sound(s.current_replicas) && *s.current_replicas > 0 &&
         SoundOrUnstated(s.wait_samples) &&
         (Sound(s.wait_p95_seconds) || (s.wait_samples == 0.0 && s.queue_total == 0.0));
}

void CheckBudget(const Policy& policy, const Signals& signals,
                 const PerService<Recommendation>& answers) {
  if (!Sound(signals.shared.postgres_limit) || *signals.shared.postgres_limit <= 0) return;
  const double plannable =
      std::max(0.0, std::floor((*signals.shared.postgres_limit - policy.budget.postgres.reserved) *
                               (1 - policy.budget.postgres.headroom)));
  const PerService<double> costs{3, 5};
  double use = 0;
  bool grew = false;
  for (const Service service : kServices) {
    const Recommendation& answer = answers[service];
    if (!answer.desired.has_value() || !answer.fresh) return;
    const int n = *answer.desired;
    grew =
        grew || n > std::max({answer.previous.value_or(n), answer.current.value_or(0), answer.min});
    use += (n + std::ceil(n * policy.budget.surge)) * costs[service];
  }
  if (grew) {
    ASSERT_LE(use, plannable);
  }
}

// What one service may do, by books of its own. Times are since the state began.
class Watch {
 public:
  Watch(absl::Duration in_window, const StepPolicy& step, const InputPolicy& input)
      : in_window_(in_window), step_(step), input_(input) {}

  void See(const Recommendation& answer, bool may_shrink, absl::Duration at) {
    if (answer.desired.has_value()) {
      ASSERT_GE(*answer.desired, answer.min);
      ASSERT_LE(*answer.desired, answer.max);
    }
    if (answer.notes.Has(Reason::kResumed)) changes_.clear();
    if (answer.sizing.need.has_value() && !answer.sizing.at_least) {
      needs_.push_back({at, *answer.sizing.need});
    }
    DetectOutage(answer, at);
    if (answer.decision == Decision::kScaleIn) {
      ASSERT_TRUE(may_shrink);
      ASSERT_GE(at, in_window_);
      ASSERT_FALSE(outage_since_.has_value()) << "replicas vanished at once: that is an outage";
      CheckNeed(answer, at);
      CheckStep(answer, at);
      CheckWho(answer);
    }
    RememberChange(answer, at);
  }

 private:
  struct Noted {
    absl::Duration at;
    double value;
  };

  static double HighestSince(const std::vector<Noted>& notes, absl::Duration since) {
    double highest = 0;
    for (const Noted& note : notes) {
      if (note.at >= since) highest = std::max(highest, note.value);
    }
    return highest;
  }

  void DetectOutage(const Recommendation& answer, absl::Duration at) {
    if (!answer.current.has_value() || !answer.previous.has_value()) return;
    const int current = *answer.current;
    counts_.push_back({at, static_cast<double>(current)});
    const double before = HighestSince(counts_, at - input_.gaps.max_gap);
    const bool missing = current < *answer.previous;
    if (missing && current < kSuddenShare * before && !outage_since_.has_value()) {
      outage_since_ = at;
      outage_from_ = before;
    }
    const bool back = !missing || current >= kSuddenShare * outage_from_;
    if (back || at - outage_since_.value_or(at) >= in_window_) outage_since_.reset();
  }

  // Whoever asks for it: not below what was needed at any time of the in-window.
  void CheckNeed(const Recommendation& answer, absl::Duration at) const {
    if (!answer.sizing.per_replica.has_value()) return;
    const double need = HighestSince(needs_, at - in_window_);
    ASSERT_GE(*answer.desired, std::ceil(need / *answer.sizing.per_replica - 1e-6));
  }

  void CheckStep(const Recommendation& answer, absl::Duration at) const {
    int start = *answer.previous;
    for (const Noted& change : changes_) {
      if (at - change.at < step_.period) start -= static_cast<int>(change.value);
    }
    const double most = std::max<double>(step_.replicas, std::ceil(start * step_.percent / 100));
    ASSERT_GE(*answer.desired, start - most);
  }

  // The in-rules, all of them; nobody's hand and no count that was observed.
  static void CheckWho(const Recommendation& answer) {
    for (std::size_t i = 0; i < answer.rule_count; ++i) {
      const RuleReport& rule = answer.rules[i];
      if (rule.row->direction == Direction::kOut || rule.status == RuleStatus::kOff) continue;
      ASSERT_EQ(rule.status, RuleStatus::kActive) << rule.row->name;
    }
  }

  void RememberChange(const Recommendation& answer, absl::Duration at) {
    if (!answer.desired.has_value() || !answer.previous.has_value()) return;
    const int before = *answer.previous;
    if (*answer.desired != before) {
      changes_.push_back({at, static_cast<double>(*answer.desired - before)});
    }
  }

  absl::Duration in_window_;
  StepPolicy step_;
  InputPolicy input_;
  std::vector<Noted> needs_, counts_, changes_;
  std::optional<absl::Duration> outage_since_;
  double outage_from_ = 0;
};

// A few in each test run; `./dev properties` asks for as many as were promised.
unsigned Histories() {
  const char* asked = std::getenv("CHATSCALE_HISTORIES");
  return asked == nullptr ? 400 : static_cast<unsigned>(std::atoi(asked));
}

TEST(Properties, HoldAtEveryTickOfRandomHistories) {
  const unsigned histories = Histories();
  constexpr int kTicks = 300;
  int changes[3] = {};
  int surplus = 0;
  for (unsigned seed = 0; seed < histories; ++seed) {
    SCOPED_TRACE(seed);
    History history(seed);
    const Policy& policy = history.policy();
    const PerService<Watch> fresh{
        {InWindow(policy, Service::kIngress), policy.ingress.in.step, policy.input},
        {InWindow(policy, Service::kProc), policy.proc.in.step, policy.input}};
    PerService<Watch> watch = fresh;
    State state;
    absl::Duration watched;  // since the state began; a clock that jumps back adds nothing
    absl::Time newest = absl::InfiniteFuture();
    for (int tick = 0; tick < kTicks; ++tick) {
      const Signals signals = history.Next();
      if (history.Below(500) == 0) {
        state = {};
        watch = fresh;
        newest = absl::InfiniteFuture();
        watched = absl::ZeroDuration();
      }
      if (signals.now > newest) watched += signals.now - newest;
      newest = signals.now;
      const State before = state;
      const Step step = Recommend(policy, std::move(state), signals);
      state = step.state;
      const PerService<bool> may_shrink{MayShrink(signals.ingress, signals.now),
                                        MayShrink(signals.proc, signals.now)};
      for (const Service service : kServices) {
        const Recommendation& answer = step.recommendations[service];
        SCOPED_TRACE(NameOf(service));
        SCOPED_TRACE(tick);
        watch[service].See(answer, may_shrink[service], watched);
        surplus += answer.notes.Has(Reason::kSurplus);
        ++changes[static_cast<int>(answer.decision)];
        if (answer.decision != Decision::kHold) {
          ASSERT_EQ(Recommend(policy, before, signals).recommendations[service], answer);
        }
        if (HasFatalFailure()) return;
      }
      CheckBudget(policy, signals, step.recommendations);
      if (HasFatalFailure()) return;
      history.RecommendInPlace(step.recommendations);
    }
  }
  EXPECT_GT(changes[static_cast<int>(Decision::kScaleOut)], 1000);
  EXPECT_GT(changes[static_cast<int>(Decision::kScaleIn)], 100);
  EXPECT_GT(surplus, 200);
}

}  // namespace
}  // namespace chatscale::recommender
