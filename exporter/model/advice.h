// What the recommender says of one target at one tick, ready to be published. Immutable once built.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "exporter/model/target.h"
#include "recommender/recommendation.h"
#include "recommender/policy.h"

namespace chatscale {

struct ServiceAdvice {
  recommender::Recommendation recommendation;
  std::string sentence;  // for a person
  // Changes of our advice since the start, by recommender::Decision.
  std::array<std::uint64_t, 3> decisions{};
  absl::Time last_decision = absl::InfinitePast();
  std::uint64_t errors = 0;  // evaluations without usable input since the start
};

struct Advice {
  absl::Time evaluated_at = absl::InfinitePast();  // the recommender's time; simulated in demo mode
  PerService<ServiceAdvice> services;
  bool dry_run = false;  // for people only: see DeliveryOf
  // What somebody should set right, once it has lasted a minute; see FleetWarnings.
  std::vector<std::string> warnings;
  double wait_limit_seconds = recommender::SloPolicy().wait_limit;  // of the policy's objective
};

// "proc: no advice: ..." of each service without a recommendation.
std::vector<std::string> WithoutRecommendation(const Advice& advice);

// What autoscalers are told; of what they act on, nothing in a dry run.
recommender::Delivery DeliveryOf(const Advice& advice, Service service);

}  // namespace chatscale
