#include "bench/trial.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "exporter/recommendations/policy_file.h"

namespace chatscale {

namespace fs = std::filesystem;

std::vector<Case> CasesOf(const fs::path& folder, const QueueSettings& queue) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().string().find(".arrivals.csv") != std::string::npos) files.push_back(entry);
  }
  std::sort(files.begin(), files.end());
  std::vector<Case> cases;
  for (const fs::path& file : files) {
    Trace trace = ReadTrace(file);
    if (trace.rates.empty()) continue;
    if (trace.bin >= 600 && trace.seconds() > 2 * 86'400) {
      Case bursty{trace, {.queue = queue}};
      bursty.trace.name += " bursty";
      bursty.settings.queue.batch = 2;
      cases.push_back(std::move(bursty));
    }
    cases.push_back({std::move(trace), {.queue = queue}});
  }
  if (cases.empty()) {
    std::fprintf(stderr, "no *.arrivals.csv in %s\n", folder.c_str());
    std::exit(1);
  }
  return cases;
}

fs::path DefaultTraces() {
  return fs::exists(CHATSCALE_SHARED_TRACES) ? CHATSCALE_SHARED_TRACES : CHATSCALE_TRACES;
}

Contender Ours(const std::string& name, const recommender::Policy& policy, Tweak tweak) {
  return {name, [policy, tweak](const Trace&) { return Recommender(policy, tweak); }};
}

recommender::Policy PolicyOf(const std::string& file) {
  auto policies = LoadPolicyFile(file);
  if (!policies.ok()) {
    std::fprintf(stderr, "%s\n", policies.status().ToString().c_str());
    std::exit(1);
  }
  return policies->base;
}

recommender::Policy ShippedPolicy(const std::string& name) {
  return PolicyOf(std::string(CHATSCALE_POLICIES) + "/" + name + ".yaml");
}

std::vector<std::vector<LoopResult>> PlayAll(const std::vector<Contender>& contenders,
                                             const std::vector<Case>& cases) {
  std::vector<std::vector<LoopResult>> results(contenders.size(),
                                               std::vector<LoopResult>(cases.size()));
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i; (i = next++) < contenders.size() * cases.size();) {
      const std::size_t who = i % contenders.size(), which = i / contenders.size();
      const auto autoscaler = contenders[who].make(cases[which].trace);
      results[who][which] = Play(cases[which].trace, *autoscaler, cases[which].settings);
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i)
    threads.emplace_back(work);
  threads.clear();
  return results;
}

ServiceResult MeanOf(const std::vector<LoopResult>& results, recommender::Service service) {
  return MeanOf(results, service, [](std::size_t) { return true; });
}

ServiceResult MeanOf(const std::vector<LoopResult>& results, recommender::Service service,
                     const std::function<bool(std::size_t)>& counts) {
  ServiceResult mean;
  double n = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!counts(i)) continue;
    const ServiceResult& r = results[i][service];
    n += 1;
    mean.bad += r.bad;
    mean.flash += r.flash;
    mean.refused += r.refused;
    mean.cost += r.cost;
    mean.changes += r.changes;
    mean.reversals += r.reversals;
    mean.cut += r.cut;
  }
  for (double* value : {&mean.bad, &mean.flash, &mean.refused, &mean.cost, &mean.changes,
                        &mean.reversals, &mean.cut}) {
    *value /= n;
  }
  return mean;
}

}  // namespace chatscale
