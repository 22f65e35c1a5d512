// Recorded traffic in the closed loop, scaled by each policy and by what others use: what it costs,
// and what users notice. Deterministic: seeds are in the table.
//
//   traces_bench [FOLDER] [--policy NAME=FILE]... [--start-up SECONDS] [--exec-median SECONDS]
//
// Default: ../shared/traces, else bench/traces; replicas start in 90 s, half of all tasks take 22
// s.
//
// Of bursts shorter than a trace's bin nothing is known: arrivals in a bin are placed as a Poisson
// process, and in the cases marked "bursty" as batches of two on average.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "bench/closed_loop.h"
#include "exporter/advisor/policy/policy_file.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;
using recommender::Service;

struct Case {
  Trace trace;
  LoopSettings settings;
};

struct Contender {
  std::string name;
  std::function<std::unique_ptr<Autoscaler>()> make;
};

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
  return cases;
}

recommender::Policy PolicyOf(const std::string& file) {
  auto policies = LoadPolicyFile(file);
  if (!policies.ok()) {
    std::fprintf(stderr, "%s\n", policies.status().ToString().c_str());
    std::exit(1);
  }
  return policies->base;
}

Contender Ours(const std::string& name, const std::string& file) {
  return {name, [policy = PolicyOf(file)] { return Recommender(policy); }};
}

// Every contender on every case, on all cores.
std::vector<std::vector<LoopResult>> PlayAll(const std::vector<Contender>& contenders,
                                             const std::vector<Case>& cases) {
  std::vector<std::vector<LoopResult>> results(contenders.size(),
                                               std::vector<LoopResult>(cases.size()));
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i; (i = next++) < contenders.size() * cases.size();) {
      const std::size_t who = i % contenders.size(), which = i / contenders.size();
      const auto autoscaler = contenders[who].make();
      results[who][which] = Play(cases[which].trace, *autoscaler, cases[which].settings);
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i)
    threads.emplace_back(work);
  threads.clear();
  return results;
}

ServiceResult MeanOf(const std::vector<LoopResult>& results, Service service) {
  ServiceResult mean;
  const auto n = static_cast<double>(results.size());
  for (const LoopResult& result : results) {
    const ServiceResult& r = result[service];
    mean.bad += r.bad / n;
    mean.refused += r.refused / n;
    mean.cost += r.cost / n;
    mean.changes += r.changes / n;
    mean.reversals += r.reversals / n;
    mean.cut += r.cut / n;
  }
  return mean;
}

bool Dominates(const ServiceResult& a, const ServiceResult& b) {
  const bool none_worse = a.bad <= b.bad && a.cost <= b.cost && a.changes <= b.changes &&
                          a.reversals <= b.reversals && a.cut <= b.cut;
  const bool one_better = a.bad < b.bad || a.cost < b.cost || a.changes < b.changes ||
                          a.reversals < b.reversals || a.cut < b.cut;
  return none_worse && one_better;
}

void PrintTable(const std::string& title, const std::vector<std::string>& names,
                const std::vector<ServiceResult>& rows, Service service) {
  std::printf("\n%s\n  %-22s %8s %10s %6s %10s %12s%s\n", title.c_str(), "", "bad %", "refused %",
              "cost", "changes/d", "reversals/d", service == Service::kIngress ? "    cut %" : "");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool optimal =
        std::ranges::none_of(rows, [&](const ServiceResult& r) { return Dominates(r, rows[i]); });
    const ServiceResult& r = rows[i];
    std::printf("%c %-22s %8.2f %10.2f %6.2f %10.0f %12.0f", optimal ? '*' : ' ', names[i].c_str(),
                100 * r.bad, 100 * r.refused, r.cost, r.changes, r.reversals);
    if (service == Service::kIngress) std::printf(" %8.2f", 100 * r.cut);
    std::printf("\n");
  }
}

void Print(const std::vector<Contender>& contenders, const std::vector<Case>& cases,
           const std::vector<std::vector<LoopResult>>& results, const QueueSettings& queue) {
  std::vector<std::string> names;
  for (const Contender& contender : contenders) names.push_back(contender.name);
  for (std::size_t c = 0; c < cases.size(); ++c) {
    for (const Service service : {Service::kProc, Service::kIngress}) {
      std::vector<ServiceResult> rows;
      for (const auto& of : results) rows.push_back(of[c][service]);
      PrintTable(cases[c].trace.name + ", " + NameOf(service), names, rows, service);
    }
  }
  for (const Service service : {Service::kProc, Service::kIngress}) {
    std::vector<ServiceResult> rows;
    for (const auto& of : results) rows.push_back(MeanOf(of, service));
    PrintTable("mean of all, " + std::string(NameOf(service)), names, rows, service);
  }
  std::printf(
      "\n* nobody is better in one column and worse in none. bad: waited over 3 s or refused; "
      "cost: "
      "replica-hours / those of a clairvoyant schedule. Start-up %g s, service time p50 %g s p90 "
      "%.3g "
      "s, seed 1.\n",
      queue.start_up_seconds, queue.exec_median,
      queue.exec_median * std::exp(1.2816 * queue.exec_sigma));
}

int Main(int argc, char** argv) {
  fs::path folder =
      fs::exists(CHATSCALE_SHARED_TRACES) ? CHATSCALE_SHARED_TRACES : CHATSCALE_TRACES;
  std::vector<Contender> contenders = {
      {"HPA, defaults", [] { return OnePerService(HpaAtDefaults); }},
      {"HPA, calm", [] { return OnePerService(HpaCalm); }},
      {"Knative's KPA", [] { return OnePerService(Kpa); }},
      {"target tracking", [] { return OnePerService(TargetTracking); }},
  };
  const std::string policies = CHATSCALE_POLICIES;
  contenders.push_back(Ours("documented", policies + "/documented.yaml"));
  contenders.push_back(Ours("responsive", policies + "/responsive.yaml"));
  QueueSettings queue;
  for (int i = 1; i < argc; ++i) {
    const auto is = [&](const char* flag) {
      return std::strcmp(argv[i], flag) == 0 && i + 1 < argc;
    };
    if (is("--start-up")) {
      queue.start_up_seconds = std::atof(argv[++i]);
    } else if (is("--exec-median")) {
      queue.exec_median = std::atof(argv[++i]);
    } else if (is("--policy")) {
      const std::string named = argv[++i];
      const auto equals = named.find('=');
      contenders.push_back(Ours(named.substr(0, equals), named.substr(equals + 1)));
    } else {
      folder = argv[i];
    }
  }
  const std::vector<Case> cases = CasesOf(folder, queue);
  if (cases.empty()) {
    std::fprintf(stderr, "no *.arrivals.csv in %s\n", folder.c_str());
    return 1;
  }
  Print(contenders, cases, PlayAll(contenders, cases), queue);
  return 0;
}

}  // namespace
}  // namespace chatscale

int main(int argc, char** argv) { return chatscale::Main(argc, argv); }
