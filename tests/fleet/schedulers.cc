#include "tests/fleet/schedulers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace chatscale {
namespace {

using nlohmann::json;

int NextOwner() {
  static int owner = 0;
  return ++owner;
}

json ReadJson(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  return json::parse(file);
}

// The bound of "IF(desired <= 20, desired, 0)"; infinite for an alarm on the metric itself.
double HighestIn(const json& alarm) {
  const json& last = alarm.at("Metrics").back();
  if (!last.contains("Expression")) return std::numeric_limits<double>::infinity();
  std::string expression = last.at("Expression");
  absl::string_view rest = expression;
  double highest = 0;
  const bool known = absl::ConsumePrefix(&rest, "IF(desired <= ") &&
                     absl::ConsumeSuffix(&rest, ", desired, 0)") &&
                     absl::SimpleAtod(rest, &highest);
  EXPECT_TRUE(known) << "the model knows no expression of this form: " << expression;
  return highest;
}

}  // namespace

Scheduler::Scheduler(SchedulerOptions given, int count)
    : wanted(count), options(given), owner_(NextOwner()) {}

std::vector<ModelReplica> Scheduler::Mine(ChatSystem& system, bool newest) const {
  std::vector<ModelReplica> mine;
  for (const ModelReplica& replica : system.replicas(options.service)) {
    const bool is_newest = replica.version == version_;
    if (replica.owner == owner_ && !replica.draining && is_newest == newest) {
      mine.push_back(replica);
    }
  }
  return mine;
}

void Scheduler::End(ChatSystem& system, const ModelReplica& replica) const {
  // One that never became ready just goes.
  if (replica.ready_at > system.now()) {
    system.Kill(options.service, replica.id);
  } else {
    system.End(options.service, replica.id, options.drain_seconds, options.deregister_seconds);
  }
}

void Scheduler::Step(ChatSystem& system) {
  const std::vector<ModelReplica> old = Mine(system, false), fresh = Mine(system, true);
  const auto count = [](const std::vector<ModelReplica>& some) {
    return static_cast<int>(some.size());
  };
  const auto is_ready = [&](const ModelReplica& r) { return r.ready_at <= system.now(); };
  const auto ready = [&](const std::vector<ModelReplica>& some) {
    return static_cast<int>(std::ranges::count_if(some, is_ready));
  };
  const int most = wanted + (old.empty() ? 0 : static_cast<int>(std::ceil(options.surge * wanted)));
  const int room = options.blue_green
                       ? wanted - count(fresh)
                       : std::min(wanted - count(fresh), most - count(old) - count(fresh));
  for (int i = 0; i < room; ++i) {
    const double never = 1e9;
    system.Start(options.service, owner_, version_, options.start_seconds,
                 options.start_seconds + (broken ? never : options.work_seconds));
  }
  // The old ones go as far as enough are ready; of too many, the newest.
  int surplus = ready(old) + ready(fresh) - wanted;
  if (options.blue_green) surplus = ready(fresh) >= wanted ? count(old) : 0;
  for (const ModelReplica& replica : old) {
    if (is_ready(replica) && surplus-- <= 0) continue;
    End(system, replica);
  }
  for (int i = count(fresh) - 1; i >= std::max(0, wanted); --i) {
    End(system, fresh[static_cast<std::size_t>(i)]);
  }
}

void HpaFollower::Step(std::optional<int> desired, int& wanted) {
  if (++seconds_ % 15 != 0) return;
  wanted = std::clamp(desired.value_or(wanted), least_, most_);
}

EcsFollower::EcsFollower(const std::string& folder) {
  const json target = ReadJson(folder + "/scalable-target.json");
  least_ = target.at("MinCapacity");
  most_ = target.at("MaxCapacity");
  for (int band = 1; std::filesystem::exists(absl::StrCat(folder, "/alarm-", band, ".json"));
       ++band) {
    const json alarm = ReadJson(absl::StrCat(folder, "/alarm-", band, ".json"));
    const json step = ReadJson(absl::StrCat(folder, "/step-", band, ".json"))
                          .at("StepScalingPolicyConfiguration");
    EXPECT_EQ(alarm.at("EvaluationPeriods"), 1);
    EXPECT_EQ(alarm.at("Metrics").at(0).at("MetricStat").at("Period"), 60);
    EXPECT_EQ(alarm.at("Metrics").at(0).at("MetricStat").at("Stat"), "Maximum");
    EXPECT_EQ(alarm.at("TreatMissingData"), "missing");
    EXPECT_EQ(step.at("AdjustmentType"), "ExactCapacity");
    Band& made = bands_.emplace_back(
        Band{alarm.at("Threshold"), HighestIn(alarm), step.value("Cooldown", 300), {}});
    for (const json& one : step.at("StepAdjustments")) {
      made.steps.push_back(
          {one.value("MetricIntervalLowerBound", -std::numeric_limits<double>::infinity()),
           one.value("MetricIntervalUpperBound", std::numeric_limits<double>::infinity()),
           one.at("ScalingAdjustment")});
    }
  }
  EXPECT_FALSE(bands_.empty()) << folder;
}

void EcsFollower::Step(std::optional<int> desired, int& wanted) {
  if (desired.has_value()) in_period_ = std::max(in_period_.value_or(0), *desired);
  if (++seconds_ % 60 != 0) return;
  const std::optional<int> value = std::exchange(in_period_, std::nullopt);
  if (!value.has_value()) return;  // INSUFFICIENT_DATA: no action
  std::optional<int> answer;       // of several, the largest
  for (const Band& band : bands_) {
    const double over = (*value <= band.highest ? *value : 0) - band.threshold;
    if (over < 0) continue;  // OK
    for (const StepRow& step : band.steps) {
      if (over < step.lower || over >= step.upper) continue;
      const int count = std::clamp(step.count, least_, most_);
      const int since = seconds_ - (count > wanted ? last_out_ : std::max(last_out_, last_in_));
      if (count != wanted && since < band.cooldown) continue;
      answer = std::max(answer.value_or(0), count);
    }
  }
  if (!answer.has_value() || *answer == wanted) return;
  (*answer > wanted ? last_out_ : last_in_) = seconds_;
  wanted = *answer;
}

}  // namespace chatscale
