// A day of a real deployment, accelerated: the simulated chat system writes into a real Redis,
// chatscale reads it, evaluates it, and somebody follows the recommendation. Ten seconds a cycle.
#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "exporter/recommendations/recommender.h"
#include "exporter/redis/redis_source.h"
#include "tests/fleet/chat_system.h"
#include "tests/fleet/schedulers.h"
#include "tests/support/redis_server.h"
#include "tests/support/temp_folder.h"

namespace chatscale {

// The source and the recommender of one chatscale.
class Chatscale {
 public:
  Chatscale(const std::string& redis, const PolicySet& policies);

  // What it says at `now`, Unix seconds.
  std::shared_ptr<const Recommendations> Collect(double now);

 private:
  DecisionLog log_{DecisionLogOptions{}};
  Recommender recommender_;
  std::unique_ptr<RedisSource> source_;
};

struct Cycle {
  double minute;
  PerService<std::optional<int>> desired;
  PerService<int> current;  // as chatscale counts
  PerService<std::string> sentence;
};

struct DayOptions {
  std::string policy;  // file below recommender/policies; empty: the default
  bool ecs = false;    // else Kubernetes with an HPA
  int proc = 8, ingress = 8;
  int least = 1, most = 100;  // of the HPA
  SchedulerOptions of_proc = {.service = Service::kProc};
  SchedulerOptions of_ingress = {.service = Service::kIngress};
  std::uint64_t seed = 1;
};

inline void PrintTo(const DayOptions& options, std::ostream* out) {
  *out << (options.policy.empty() ? "documented" : options.policy)
       << (options.ecs ? ", ECS" : ", HPA");
}

class Day {
 public:
  explicit Day(const DayOptions& options);

  void Run(double minutes);

  ChatSystem system;
  PerService<Scheduler> schedulers;
  std::vector<Scheduler> beside;  // other Deployments, which follow nothing
  std::vector<std::unique_ptr<Chatscale>> chatscales;
  PolicySet policies;
  std::vector<Cycle> cycles;

  std::unique_ptr<Chatscale> NewChatscale() const {
    return std::make_unique<Chatscale>("unix://" + folder_.Path("redis"), policies);
  }
  void EmptyRedis();
  void FailOver();  // the name of Redis moves to a replica; the old one is cut off and answers
  std::string History() const;  // every change, with its sentence
  double minute() const { return static_cast<double>(seconds_) / 60; }

 private:
  static std::unique_ptr<RedisServer> NewRedis();
  void PointAtRedis();
  void Observe();

  TempFolder folder_;  // with the name by which everybody finds Redis
  std::unique_ptr<RedisServer> redis_ = NewRedis();
  PerService<std::unique_ptr<Follower>> followers_;
  PerService<std::optional<int>> desired_;
  long seconds_ = 0;
};

}  // namespace chatscale
