#include "exporter/recommendations/recommender.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "exporter/files/log.h"
#include "exporter/model/fleet_count.h"
#include "exporter/recommendations/decision_log.h"
#include "exporter/recommendations/signals_of.h"
#include "recommender/explain.h"
#include "recommender/policy_fields.h"
#include "recommender/recommend.h"
#include "recommender/recommendation.h"

namespace chatscale {
namespace {

using recommender::Decision;
using recommender::Signals;

constexpr absl::Duration kSaveEvery = absl::Minutes(1);

Signals SignalsFor(const TargetView& target, absl::Time now, bool document_time) {
  if (!target.snapshot) return {.now = now};
  SignalTimes times{now, target.at};
  if (document_time) {
    const absl::Time at = target.snapshot->taken_at;
    times = {at, {at, at}};
  }
  return SignalsOf(*target.snapshot, times);
}

// Warnings that last: a restarted process briefly appears twice. `began`: callback for new ones.
std::vector<std::string> LastingWarnings(const TargetView& view, absl::Time now,
                                         std::map<std::string, absl::Time>& since,
                                         const std::function<void(const std::string&)>& began) {
  constexpr absl::Duration kLasting = absl::Minutes(1);
  std::map<std::string, absl::Time> fresh;
  std::vector<std::string> lasting;
  for (const std::string& warning : FleetWarnings(*view.snapshot)) {
    const auto known = since.find(warning);
    const bool lasted = known != since.end() && known->second == absl::InfinitePast();
    absl::Time& begun = fresh[warning];
    begun = known == since.end() ? now : known->second;
    if (!lasted && now - begun < kLasting) continue;
    lasting.push_back(warning);
    begun = absl::InfinitePast();
    if (!lasted) began(warning);
  }
  since = std::move(fresh);
  return lasting;
}

// Longest time until a first view may be complete.
std::optional<absl::Duration> FirstViewLasts(const Recommendations& recommendations) {
  std::optional<absl::Duration> lasts;
  for (const Service service : kServices) {
    const recommender::Recommendation& given = recommendations.services[service].recommendation;
    if (given.view_until) lasts = std::max(lasts, std::optional(*given.view_until - given.at));
  }
  return lasts;
}

}  // namespace

Recommender::Recommender(PolicySet policies, const States& states, RecommenderOptions options,
                         DecisionLog* log)
    : options_(std::move(options)),
      log_(log),
      policies_(std::make_shared<const PolicySet>(std::move(policies))) {
  for (const auto& [target, state] : states) {
    Memory& memory = memory_[target];
    memory.state = state;
    memory.evaluated = true;  // kept by the first EndCycle, as its source may be slow
  }
}

void Recommender::SetPolicies(PolicySet policies) {
  auto fresh = std::make_shared<const PolicySet>(std::move(policies));
  const std::lock_guard lock(mutex_);
  policies_ = std::move(fresh);
}

std::shared_ptr<const PolicySet> Recommender::Policies() const {
  const std::lock_guard lock(mutex_);
  return policies_;
}

std::uint64_t Recommender::PolicyHash() const { return recommender::PolicyHash(Policies()->base); }

std::shared_ptr<const Recommendations> Recommender::Evaluate(const TargetView& target,
                                                             absl::Time now) {
  const std::shared_ptr<const PolicySet> policies = Policies();
  const recommender::Policy& policy = policies->For(target.target);
  Memory& memory = memory_[target.target];
  memory.evaluated = true;
  Signals signals = SignalsFor(target, now, options_.document_time);
  signals.shared.redis_limit = options_.redis_limit;
  const recommender::State before = memory.state;
  const recommender::PerService<recommender::Recommendation> evaluated =
      recommender::RecommendInPlace(policy, signals, memory.state);

  auto recommendations = std::make_shared<Recommendations>();
  recommendations->evaluated_at = memory.state.at;
  recommendations->dry_run = options_.dry_run;
  recommendations->wait_limit_seconds = policy.slo.wait_limit;
  for (const Service service : kServices) {
    ServiceRecommendation given = memory.last[service];
    given.recommendation = evaluated[service];
    given.sentence = recommender::Explain(given.recommendation);
    if (!given.recommendation.fresh) ++given.errors;
    const Decision decision = given.recommendation.decision;
    if (decision != Decision::kHold) {
      ++given.decisions[static_cast<std::size_t>(decision)];
      given.last_decision = given.recommendation.at;
      changed_ = true;
    }
    Record(target.target, given, {signals, before, policy}, memory);
    memory.last[service] = given;
    recommendations->services[service] = std::move(given);
  }
  if (const auto lasts = FirstViewLasts(*recommendations)) {
    if (awaiting_.targets++ == 0) awaiting_.first = target.target;
    awaiting_.longest = std::max(awaiting_.longest, *lasts);
  }
  if (target.snapshot) {
    recommendations->warnings =
        LastingWarnings(target, now, memory.warned, [&](const std::string& warning) {
          const auto lasting =
              warnings_.try_emplace(warning, LastingWarning{.first = target.target}).first;
          ++lasting->second.targets;
        });
  }
  return recommendations;
}

void Recommender::Record(const Target& target, const ServiceRecommendation& after,
                         const DecisionInputs& inputs, Memory& memory) {
  const recommender::Recommendation& now = after.recommendation;
  if (!recommender::WorthRecording(now, memory.last[now.service].recommendation)) return;
  recommender::ReasonList& recorded = memory.recorded[now.service];
  if (now.decision != Decision::kHold || recommender::StartedAnew(now)) {
    recorded = {};
  } else {
    const auto is_new = [&](recommender::Reason reason) { return !recorded.Has(reason); };
    if (std::none_of(now.limited.begin(), now.limited.end(), is_new)) return;
    for (const recommender::Reason reason : now.limited) recorded.Add(reason);
  }
  log_->Add({target, now.service, DecisionJson(target, after, inputs)});
}

absl::Status Recommender::EndCycle(absl::Time now) {
  for (auto entry = memory_.begin(); entry != memory_.end();) {
    entry = std::exchange(entry->second.evaluated, false) ? std::next(entry) : memory_.erase(entry);
  }
  // One log line for all targets with the same warning.
  for (const auto& [warning, said] : std::exchange(warnings_, {})) {
    Log(LogLevel::kWarning, warning,
        {{"tenant", said.first.tenant},
         {"project", said.first.project},
         {"targets", std::to_string(said.targets)}});
  }
  const FirstViews awaiting = std::exchange(awaiting_, {});
  const std::size_t awaited = std::exchange(awaited_, awaiting.targets);
  if (awaiting.targets > awaited) {
    Log(LogLevel::kInfo, "waiting for the fleet to be seen completely before recommending",
        {{"targets", std::to_string(awaiting.targets)},
         {"tenant", awaiting.first.tenant},
         {"project", awaiting.first.project},
         {"at_least", absl::FormatDuration(absl::Ceil(awaiting.longest, absl::Seconds(1)))}});
  }
  if (awaiting.targets == 0 && awaited > 0) {
    Log(LogLevel::kInfo, "all fleets have been seen completely");
  }
  absl::Status files = saver_.Outcome();
  const bool due = changed_ || !files.ok() || now - saved_at_ >= kSaveEvery;
  if (due && !saver_.Busy()) {
    saved_at_ = now;
    OfferState();
  }
  files.Update(log_->Outcome());
  return files;
}

void Recommender::OfferState() {
  if (options_.state_file.empty()) return;
  States states;
  for (const auto& [target, memory] : memory_) states[target] = memory.state;
  changed_ = false;
  saver_.Offer([file = options_.state_file, states = std::move(states)] {
    return SaveStates(file, states);
  });
}

absl::Status Recommender::Save(absl::Duration timeout) {
  OfferState();
  return Wait(timeout);
}

absl::Status Recommender::Wait(absl::Duration timeout) {
  absl::Status files = saver_.Wait(timeout);
  files.Update(log_->Wait(timeout));
  return files;
}

}  // namespace chatscale
