// What each part of the policy `responsive` is worth to the processor, and how it does on traffic
// that it was not chosen by.
//
//   ablation_bench [FOLDER]   default: ../shared/traces, else bench/traces
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/trial.h"

namespace chatscale {
namespace {

using recommender::Policy;
using recommender::Service;
using recommender::Signals;
using recommender::State;

// One part, and how it is taken out: by the policy, or by what an evaluation is given.
struct Part {
  const char* name;
  void (*from_policy)(Policy&);
  void (*from_input)(Signals&, State&);
};

const Part kArrivals = {"arrivals", nullptr,
                        [](Signals& signals, State&) { signals.proc.completed.reset(); }};

const std::vector<Part> kParts = {
    {"peakedness", nullptr,
     [](Signals&, State& state) {
       auto& arrivals = state.proc_memory.arrivals;
       arrivals.pairs = arrivals.differences = arrivals.sums = 0;
     }},
    {"growth beyond chance", nullptr,
     [](Signals& signals, State& state) {
       std::erase_if(state.proc_memory.arrivals.counts.points,
                     [&](const auto& point) { return signals.now - point.at > absl::Seconds(75); });
     }},
    {"trigger", [](Policy& p) { p.proc.out.trigger.enabled = false; }, nullptr},
    {"calmer scale-in",
     [](Policy& p) {
       p.proc.in = {absl::ZeroDuration(), 0.1, {1, 25, absl::Minutes(5)}};
       p.proc.sizing.in_share = p.proc.sizing.wait_share;
     },
     nullptr},
    {"steps without limit",
     [](Policy& p) {
       p.proc.out.step = {4, 100, absl::Minutes(1)};
     },
     nullptr},
    {"lead learned", [](Policy& p) { p.proc.sizing.lead = {.assumed = absl::Seconds(90)}; },
     nullptr},
    {"seasons", [](Policy& p) { p.proc.sizing.seasons = false; }, nullptr},
};

// `responsive` without these parts.
Contender Without(const std::string& name, const std::vector<Part>& parts) {
  Policy policy = ShippedPolicy("responsive");
  std::vector<void (*)(Signals&, State&)> tweaks;
  for (const Part& part : parts) {
    if (part.from_policy != nullptr) part.from_policy(policy);
    if (part.from_input != nullptr) tweaks.push_back(part.from_input);
  }
  return Ours(name, policy, [tweaks](Signals& signals, State& state) {
    for (const auto& tweak : tweaks) tweak(signals, state);
  });
}

std::vector<Contender> Ablations() {
  std::vector<Part> all = kParts;
  all.push_back(kArrivals);
  std::vector<Contender> contenders = {Without("responsive", {}), Without("none of them", all),
                                       Without("arrivals alone", kParts)};
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    std::vector<Part> others = kParts;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    contenders.push_back(Without("arrivals, " + std::string(kParts[i].name), others));
  }
  for (const Part& part : all) {
    contenders.push_back(Without("without " + std::string(part.name), {part}));
  }
  return contenders;
}

void PrintHead(const char* title) {
  std::printf("\n%s\n%-34s %8s %8s %6s %10s %12s\n", title, "", "bad %", "flash %", "cost",
              "changes/d", "reversals/d");
}

void PrintRow(const std::string& name, const ServiceResult& r) {
  std::printf("%-34s %8.2f %8.2f %6.2f %10.0f %12.0f\n", name.c_str(), 100 * r.bad, 100 * r.flash,
              r.cost, r.changes, r.reversals);
}

// What a policy may be chosen from.
std::vector<Contender> Candidates() {
  std::vector<Contender> contenders;
  for (const double in_share : {0.02, 0.05, 0.1}) {
    for (const double trigger : {0.2, 0.4}) {
      for (const double min_change : {0.15, 0.25}) {
        Policy policy = ShippedPolicy("responsive");
        policy.proc.sizing.in_share = in_share;
        policy.proc.out.trigger.share = trigger;
        policy.proc.in.min_change = min_change;
        char name[64];
        std::snprintf(name, sizeof(name), "%g %g %g", in_share, trigger, min_change);
        contenders.push_back(Ours(name, policy));
      }
    }
  }
  return contenders;
}

// Percent of bad requests, tenths of cost, and every reversal beyond 28 a day.
double Grade(const ServiceResult& r) {
  return 100 * r.bad + 10 * r.cost + std::max(0.0, r.reversals - 28);
}

std::string Source(const Case& one) {
  return one.trace.name.substr(0, one.trace.name.find(" bursty"));
}

// Chosen by all recordings but one, and judged by that one.
void LeaveOneOut(const std::vector<Case>& cases) {
  const std::vector<Contender> candidates = Candidates();
  const auto results = PlayAll(candidates, cases);
  PrintHead("chosen without the recording it is judged by (in_share, trigger.share, min_change)");
  std::vector<LoopResult> judged(cases.size());
  for (std::size_t out = 0; out < cases.size(); ++out) {
    const auto others = [&](std::size_t i) { return Source(cases[i]) != Source(cases[out]); };
    std::size_t best = 0;
    for (std::size_t i = 1; i < candidates.size(); ++i) {
      if (Grade(MeanOf(results[i], Service::kProc, others)) <
          Grade(MeanOf(results[best], Service::kProc, others))) {
        best = i;
      }
    }
    judged[out] = results[best][out];
    PrintRow(cases[out].trace.name.substr(0, 22) + ": " + candidates[best].name, judged[out].proc);
  }
  PrintRow("mean", MeanOf(judged, Service::kProc));
}

int Main(int argc, char** argv) {
  const std::vector<Case> cases = CasesOf(argc > 1 ? argv[1] : DefaultTraces(), {});
  const std::vector<Contender> contenders = Ablations();
  const auto results = PlayAll(contenders, cases);
  PrintHead("processor, mean of all; replicas start in 90 s, seed 1");
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    PrintRow(contenders[i].name, MeanOf(results[i], Service::kProc));
  }
  LeaveOneOut(cases);
  return 0;
}

}  // namespace
}  // namespace chatscale

int main(int argc, char** argv) { return chatscale::Main(argc, argv); }
