// A trace played against an autoscaler: both services, second by second.
#pragma once

#include <functional>
#include <memory>

#include "bench/autoscalers.h"
#include "bench/queue_model.h"
#include "bench/stream_model.h"
#include "bench/trace.h"
#include "recommender/policy.h"
#include "recommender/service.h"

namespace chatscale {

struct LoopSettings {
  std::uint64_t seed = 1;
  QueueSettings queue;
};

struct ServiceResult {
  double bad = 0;                     // share of requests that waited too long or were refused
  double refused = 0;                 // of them refused
  double cost = 0;                    // replica-seconds / those of a clairvoyant schedule
  double changes = 0, reversals = 0;  // a day
  double cut = 0;                     // ingress: streams cut, share of all
};
using LoopResult = recommender::PerService<ServiceResult>;

// What both services are to run, asked every second.
class Autoscaler {
 public:
  Autoscaler() = default;
  Autoscaler(const Autoscaler&) = delete;
  Autoscaler& operator=(const Autoscaler&) = delete;
  virtual ~Autoscaler() = default;

  virtual recommender::PerService<int> Want(double seconds, QueueModel& proc,
                                            const StreamModel& ingress) = 0;
};

using MakeServiceAutoscaler = std::unique_ptr<ServiceAutoscaler> (*)();

// One for each service, which know nothing of each other.
std::unique_ptr<Autoscaler> OnePerService(MakeServiceAutoscaler make);
// Our recommender, every 15 s.
std::unique_ptr<Autoscaler> Recommender(const recommender::Policy& policy);

LoopResult Play(const Trace& trace, Autoscaler& autoscaler, const LoopSettings& settings);

}  // namespace chatscale
