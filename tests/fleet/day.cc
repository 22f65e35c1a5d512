#include "tests/fleet/day.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace chatscale {
namespace {

constexpr long kCycleSeconds = 10;

PolicySet PolicyOf(const std::string& name) {
  if (name.empty()) return {};
  auto policies = LoadPolicyFile(std::string(CHATSCALE_ROOT) + "/recommender/policies/" + name);
  EXPECT_TRUE(policies.ok()) << policies.status();
  return *std::move(policies);
}

std::unique_ptr<Follower> FollowerOf(const DayOptions& options, Service service) {
  if (!options.ecs) return std::make_unique<HpaFollower>(options.least, options.most);
  return std::make_unique<EcsFollower>(std::string(CHATSCALE_ROOT) + "/deploy/ecs/" +
                                       NameOf(service));
}

SchedulerOptions Of(SchedulerOptions options, bool ecs) {
  if (ecs) options.surge = 1;
  return options;
}

}  // namespace

Chatscale::Chatscale(const std::string& redis, const PolicySet& policies)
    : recommender_(policies, {}, {}, &log_),
      source_(RedisSource::Create({.url = redis, .targets = {{"acme", "assist"}}}).value()) {}

std::shared_ptr<const Recommendations> Chatscale::Collect(double now) {
  const absl::Time at = absl::UnixEpoch() + absl::Seconds(now);
  auto samples = source_->Collect(at, absl::Seconds(5));
  TargetView view;
  view.target = {"acme", "assist"};
  auto& snapshot = samples.at(0).parts.at(0).snapshot;
  if (snapshot.ok()) {
    view.snapshot = *std::move(snapshot);
    view.at = {at, at};
  }
  auto recommendations = recommender_.Evaluate(view, at);
  recommender_.EndCycle(at).IgnoreError();
  return recommendations;
}

Day::Day(const DayOptions& options)
    : system(options.seed),
      schedulers{Scheduler(Of(options.of_ingress, options.ecs), options.ingress),
                 Scheduler(Of(options.of_proc, options.ecs), options.proc)},
      policies(PolicyOf(options.policy)),
      followers_{FollowerOf(options, Service::kIngress), FollowerOf(options, Service::kProc)} {
  PointAtRedis();
  chatscales.push_back(NewChatscale());
}

void Day::Run(double minutes) {
  for (const long end = seconds_ + std::lround(minutes * 60); seconds_ < end; ++seconds_) {
    for (const Service service : kServices) {
      followers_[service]->Step(desired_[service], schedulers[service].wanted);
      schedulers[service].Step(system);
    }
    for (Scheduler& scheduler : beside) scheduler.Step(system);
    system.Step();
    if (seconds_ % kCycleSeconds == 0) Observe();
  }
}

// Several chatscales: the largest recommendation counts, as in the shipped manifests.
void Day::Observe() {
  redis::Pipeline commands;
  system.Write(commands);
  redis_->Load(commands.bytes());
  Cycle cycle{.minute = minute()};
  for (const auto& chatscale : chatscales) {
    const auto recommendations = chatscale->Collect(system.now());
    for (const Service service : kServices) {
      const recommender::Recommendation& given = recommendations->services[service].recommendation;
      cycle.desired[service] = std::max(cycle.desired[service], given.desired);
      cycle.current[service] = given.current.value_or(0);
      cycle.sentence[service] = recommendations->services[service].sentence;
    }
  }
  desired_ = cycle.desired;
  cycles.push_back(std::move(cycle));
}

void Day::EmptyRedis() {
  redis_->Run({"FLUSHALL"});
  system.ForgetWritten();
}

std::unique_ptr<RedisServer> Day::NewRedis() {
  return std::make_unique<RedisServer>(std::vector<std::string>{"--repl-diskless-sync-delay", "0"});
}

void Day::PointAtRedis() {
  const std::string name = folder_.Path("redis");
  std::filesystem::remove(name);
  std::filesystem::create_symlink(redis_->UnixUrl().substr(std::strlen("unix://")), name);
}

void Day::FailOver() {
  auto replica = NewRedis();
  replica->Run({"REPLICAOF", "127.0.0.1", std::to_string(redis_->port())});
  for (int tries = 0; tries < 500; ++tries) {
    if (absl::StrContains(replica->Run({"INFO", "replication"}), "master_link_status:up")) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  replica->Run({"REPLICAOF", "NO", "ONE"});
  std::swap(redis_, replica);
  PointAtRedis();
  Run(0.5);
  // Redis ends keys by its own clock, which knows nothing of an accelerated day.
  replica->Run({"EVAL",
                "for _, key in ipairs(redis.call('KEYS', '*heartbeat:process*')) do "
                "redis.call('DEL', key) end",
                "0"});
  Run(1);
}

std::string Day::History() const {
  std::string history;
  PerService<std::optional<int>> last;
  for (const Cycle& cycle : cycles) {
    for (const Service service : kServices) {
      if (std::exchange(last[service], cycle.desired[service]) == cycle.desired[service]) continue;
      absl::StrAppend(&history, "minute ", cycle.minute, ", ", cycle.current[service],
                      " observed: ", cycle.sentence[service], "\n");
    }
  }
  return history;
}

}  // namespace chatscale
