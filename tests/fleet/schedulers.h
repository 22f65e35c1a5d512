// Who runs the replicas, and who follows the recommendation: models of a Kubernetes Deployment, of
// an ECS service, of an HPA (KEDA's as well) and of the alarms and step policies in deploy/ecs.
//
// Sources: "Deployments" and "Horizontal Pod Autoscaling" of the Kubernetes documentation; "Rolling
// update" of the ECS developer guide; "Step scaling policies" of Application Auto Scaling; "Using
// Amazon CloudWatch alarms".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/fleet/chat_system.h"

namespace chatscale {

struct SchedulerOptions {
  Service service = Service::kProc;
  // Replicas beside the wanted ones while a version is replaced: 25 % for a Deployment, 100 % for
  // ECS.
  double surge = 0.25;
  bool blue_green = false;          // all of the new version first, then all of the old one at once
  double start_seconds = 20;        // until the first heartbeat
  double work_seconds = 5;          // from then until it takes work
  double drain_seconds = 900;       // of a processor at most
  double deregister_seconds = 300;  // of an ingress
};

// Keeps `wanted` replicas of the newest version.
class Scheduler {
 public:
  explicit Scheduler(SchedulerOptions options = {}, int wanted = 0);

  void Deploy() { ++version_; }
  void Step(ChatSystem& system);  // every second

  int wanted = 1;
  bool broken = false;  // replicas of the newest version beat and never become ready
  SchedulerOptions options;

 private:
  std::vector<ModelReplica> Mine(ChatSystem& system, bool newest) const;
  void End(ChatSystem& system, const ModelReplica& replica) const;

  const int owner_;
  int version_ = 1;
};

// Who sets `wanted`. Nullopt: there is no recommendation now.
class Follower {
 public:
  virtual ~Follower() = default;
  virtual void Step(std::optional<int> desired, int& wanted) = 0;  // every second
};

// Every 15 s the recommendation within its own bounds; where there is none it holds.
class HpaFollower : public Follower {
 public:
  HpaFollower(int least, int most) : least_(least), most_(most) {}
  void Step(std::optional<int> desired, int& wanted) override;

 private:
  int least_, most_;
  int seconds_ = 0;
};

// deploy/ecs/<service>: alarms over periods of a minute whose actions are repeated every minute.
class EcsFollower : public Follower {
 public:
  explicit EcsFollower(const std::string& folder);
  void Step(std::optional<int> desired, int& wanted) override;

 private:
  struct StepRow {
    double lower, upper;
    int count;
  };
  struct Band {
    double threshold, highest;  // of the recommendation; above the highest it reads 0
    int cooldown;
    std::vector<StepRow> steps;
  };
  std::vector<Band> bands_;
  int least_ = 1, most_ = 1;
  std::optional<int> in_period_;  // the largest recommendation of this minute
  int seconds_ = 0;
  int last_out_ = -1'000'000, last_in_ = -1'000'000;
};

}  // namespace chatscale
