// Contenders on cases: the loop of closed_loop.h for every pair of them, and means.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/closed_loop.h"

namespace chatscale {

struct Case {
  Trace trace;
  LoopSettings settings;
};

// Every `*.arrivals.csv` of a folder; long ones with coarse bins also with arrivals in batches of
// two on average ("bursty").
std::vector<Case> CasesOf(const std::filesystem::path& folder, const QueueSettings& queue);

// ../shared/traces where it is, else bench/traces.
std::filesystem::path DefaultTraces();

struct Contender {
  std::string name;
  std::function<std::unique_ptr<Autoscaler>(const Trace&)> make;
};
Contender Ours(const std::string& name, const recommender::Policy& policy, Tweak tweak = {});

// Ends the program when it cannot be read.
recommender::Policy PolicyOf(const std::string& file);
recommender::Policy ShippedPolicy(const std::string& name);

// [contender][case], on all cores.
std::vector<std::vector<LoopResult>> PlayAll(const std::vector<Contender>& contenders,
                                             const std::vector<Case>& cases);

// Of all cases, or of those for which `counts` is true.
ServiceResult MeanOf(const std::vector<LoopResult>& results, recommender::Service service);
ServiceResult MeanOf(const std::vector<LoopResult>& results, recommender::Service service,
                     const std::function<bool(std::size_t)>& counts);

}  // namespace chatscale
