// A trace played against an autoscaler: both services, second by second.
#pragma once

#include <functional>
#include <memory>

#include "bench/autoscalers.h"
#include "bench/trace.h"
#include "bench/trace_model.h"
#include "recommender/policy.h"
#include "recommender/service.h"
#include "recommender/state.h"

namespace chatscale {

struct LoopSettings {
  std::uint64_t seed = 1;
  QueueSettings queue;
};

struct ServiceResult {
  double bad = 0;                     // share of requests that waited too long or were refused
  double flash = 0;                   // of them in a flash crowd
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

  virtual recommender::PerService<int> Want(double seconds, TraceModel& model) = 0;
};

using MakeServiceAutoscaler = std::unique_ptr<ServiceAutoscaler> (*)();

// One for each service, which know nothing of each other.
std::unique_ptr<Autoscaler> OnePerService(MakeServiceAutoscaler make);
// Our recommender, every 15 s. `tweak` changes what it is given.
using Tweak = std::function<void(recommender::Signals&, recommender::State&)>;
std::unique_ptr<Autoscaler> Recommender(const recommender::Policy& policy, Tweak tweak = {});
// Knows the rate of the last minute as it is, not the next one; runs `headroom` times the highest
// of ten minutes. What is bad with it, start-up time makes bad.
std::unique_ptr<Autoscaler> Oracle(const Trace& trace, double headroom);

// Bins of a minute with more than twice the mean of the hour before it, and five minutes after.
std::vector<bool> FlashCrowds(const Trace& trace);

LoopResult Play(const Trace& trace, Autoscaler& autoscaler, const LoopSettings& settings);

}  // namespace chatscale
