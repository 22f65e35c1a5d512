// Autoscalers we are compared with, emulated: each looks at one service once a second.
#pragma once

#include <memory>

namespace chatscale {

struct ServiceLoad {
  double seconds = 0;      // since the start
  double demand = 0;       // tasks waiting and running; open streams
  double per_replica = 1;  // slots; streams
  int replicas = 1;        // asked for, those that start included
  int ready = 1;
};

class ServiceAutoscaler {
 public:
  ServiceAutoscaler() = default;
  ServiceAutoscaler(const ServiceAutoscaler&) = delete;
  ServiceAutoscaler& operator=(const ServiceAutoscaler&) = delete;
  virtual ~ServiceAutoscaler() = default;

  // The replicas to run from now on. Asked every second.
  virtual int Want(const ServiceLoad& load) = 0;
};

// All of them aim at this share of a replica.
inline constexpr double kUtilization = 0.7;

// Kubernetes' HorizontalPodAutoscaler v2, AverageValue: every 15 s, tolerance 0.1, at most 100 % or
// 4 pods up in 15 s, 300 s stabilization down.
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
std::unique_ptr<ServiceAutoscaler> HpaAtDefaults();

// The same, as operators calm it: 900 s stabilization and 10 % a minute down.
std::unique_ptr<ServiceAutoscaler> HpaCalm();

// Knative's pod autoscaler at its defaults: every 2 s, means of 60 s and, in panic, of 6 s.
// https://knative.dev/docs/serving/autoscaling/kpa-specific/
std::unique_ptr<ServiceAutoscaler> Kpa();

// AWS target tracking: means of a minute, three above the target out, fifteen below nine tenths of
// it in, 300 s between scale-ins.
// https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
std::unique_ptr<ServiceAutoscaler> TargetTracking();

}  // namespace chatscale
