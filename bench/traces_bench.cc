// Recorded traffic in the closed loop, scaled by each policy and by what others use: what it costs,
// and what users notice. Deterministic: seeds are in the table.
//
//   traces_bench [FOLDER] [--policy NAME=FILE]... [--start-up SECONDS] [--exec-median SECONDS]
//
// Default: ../shared/traces, else bench/traces; replicas start in 90 s, half of all
// tasks take 22 s.
//
// Of bursts shorter than a trace's bin nothing is known: arrivals in a bin are placed as a Poisson
// process, and in the cases marked "bursty" as batches of two on average.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/trial.h"

namespace chatscale {
namespace {

using recommender::Service;

bool Dominates(const ServiceResult& a, const ServiceResult& b) {
  const bool none_worse = a.bad <= b.bad && a.cost <= b.cost && a.changes <= b.changes &&
                          a.reversals <= b.reversals && a.cut <= b.cut;
  const bool one_better = a.bad < b.bad || a.cost < b.cost || a.changes < b.changes ||
                          a.reversals < b.reversals || a.cut < b.cut;
  return none_worse && one_better;
}

void PrintTable(const std::string& title, const std::vector<std::string>& names,
                const std::vector<ServiceResult>& rows, Service service) {
  std::printf("\n%s\n  %-22s %8s %8s %10s %6s %10s %12s%s\n", title.c_str(), "", "bad %", "flash %",
              "refused %", "cost", "changes/d", "reversals/d",
              service == Service::kIngress ? "    cut %" : "");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool optimal =
        std::ranges::none_of(rows, [&](const ServiceResult& r) { return Dominates(r, rows[i]); });
    const ServiceResult& r = rows[i];
    std::printf("%c %-22s %8.2f %8.2f %10.2f %6.2f %10.0f %12.0f", optimal ? '*' : ' ',
                names[i].c_str(), 100 * r.bad, 100 * r.flash, 100 * r.refused, r.cost, r.changes,
                r.reversals);
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
      "\n* nobody is better in one column and worse in none.\n"
      "bad: waited over 3 s or refused; flash: of them in flash crowds, more than twice the hour's "
      "mean;\n"
      "cost: replica-hours / those of a clairvoyant schedule.\n"
      "Start-up %g s, service time p50 %g s p90 %.3g s, seed 1.\n",
      queue.start_up_seconds, queue.exec_median,
      queue.exec_median * std::exp(1.2816 * queue.exec_sigma));
}

int Main(int argc, char** argv) {
  std::filesystem::path folder = DefaultTraces();
  std::vector<Contender> contenders = {
      {"HPA, defaults", [](const Trace&) { return OnePerService(HpaAtDefaults); }},
      {"HPA, calm", [](const Trace&) { return OnePerService(HpaCalm); }},
      {"Knative's KPA", [](const Trace&) { return OnePerService(Kpa); }},
      {"target tracking", [](const Trace&) { return OnePerService(TargetTracking); }},
      {"oracle, 20 % more", [](const Trace& trace) { return Oracle(trace, 1.2); }},
  };
  contenders.push_back(Ours("documented", ShippedPolicy("documented")));
  contenders.push_back(Ours("responsive", ShippedPolicy("responsive")));
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
      contenders.push_back(Ours(named.substr(0, equals), PolicyOf(named.substr(equals + 1))));
    } else {
      folder = argv[i];
    }
  }
  const std::vector<Case> cases = CasesOf(folder, queue);
  Print(contenders, cases, PlayAll(contenders, cases), queue);
  return 0;
}

}  // namespace
}  // namespace chatscale

int main(int argc, char** argv) { return chatscale::Main(argc, argv); }
