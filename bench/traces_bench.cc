// Every recorded trace through a small queue model, scaled by each policy and by Kubernetes' HPA at
// its defaults: what it costs, and what users notice.
//
//   traces_bench [FOLDER]      default: bench/traces
//
// Traces are scaled to a mean of 60 busy slots. Arrivals within a bin are placed as a Poisson
// process; of bursts shorter than a bin nothing is known.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

#include "bench/queue_model.h"
#include "exporter/advisor/policy/policy_file.h"
#include "recommender/recommend.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;

constexpr double kMeanBusySlots = 60;
constexpr double kMeanExecSeconds = 26.2;  // of the model's lognormal
constexpr double kTick = 15;
constexpr double kMostSeconds = 14 * 86'400;

struct Trace {
  std::string name;
  double bin = 1;
  std::vector<double> rates;  // tasks a second, scaled
};

Trace ReadTrace(const fs::path& path) {
  Trace trace{path.stem().stem().string()};
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  double second = 0, total = 0;
  while (std::getline(file, line)) {
    const double t = std::stod(line);
    if (trace.rates.size() == 1) second = t;
    if (t >= kMostSeconds) break;
    trace.rates.push_back(std::stod(line.substr(line.find(',') + 1)));
    total += trace.rates.back();
  }
  trace.bin = second > 0 ? second : 1;
  const double mean = total / static_cast<double>(trace.rates.size());
  for (double& rate : trace.rates) rate *= kMeanBusySlots / kMeanExecSeconds / mean;
  return trace;
}

// Asked every 15 s; the replicas to run from then on.
using Controller = std::function<int(QueueModel&, const recommender::Signals&)>;

Controller Ours(const char* name) {
  auto policies = LoadPolicyFile(std::string(CHATSCALE_POLICIES) + "/" + name + ".yaml");
  if (!policies.ok()) {
    std::fprintf(stderr, "%s\n", policies.status().ToString().c_str());
    std::exit(1);
  }
  const recommender::Policy policy = policies->base;
  auto state = std::make_shared<recommender::State>();
  return [policy, state](QueueModel& model, const recommender::Signals& signals) {
    recommender::Step step = recommender::Recommend(policy, std::move(*state), signals);
    *state = std::move(step.state);
    return step.recommendations.proc.desired.value_or(model.replicas());
  };
}

// In-flight tasks over slots at 0.7: tolerance 0.1, 300 s stabilization down, at most 100 % or 4
// pods up in 15 s. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
Controller Hpa() {
  auto recent = std::make_shared<std::deque<int>>();
  return [recent](QueueModel& model, const recommender::Signals&) {
    constexpr double kPerReplica = 0.7 * kSlots;
    constexpr std::size_t kStabilization = 300 / static_cast<int>(kTick);
    const int current = model.replicas();
    const double ratio = model.Work() / kPerReplica / current;
    int want = std::abs(ratio - 1) <= 0.1 ? current
                                          : static_cast<int>(std::ceil(model.Work() / kPerReplica));
    recent->push_back(want);
    if (recent->size() > kStabilization) recent->pop_front();
    want = std::max(want, std::min(current, *std::max_element(recent->begin(), recent->end())));
    return std::clamp(want, 1, std::max(2 * current, current + 4));
  };
}

struct Result {
  QueueFigures figures;
  int changes = 0, reversals = 0;
};

Result Play(const Trace& trace, const Controller& decide) {
  const double first = trace.rates.front() * kMeanExecSeconds / kSlots / 0.7;
  QueueModel model(1, std::max(1, static_cast<int>(std::ceil(first))));
  Result result;
  int direction = 0;
  double seconds = 0;
  for (const double rate : trace.rates) {
    for (double s = 0; s < trace.bin; ++s, ++seconds) {
      model.Step(rate);
      if (std::fmod(seconds, kTick) != 0) continue;
      const int before = model.replicas();
      const int wanted = decide(model, model.Observe());
      if (wanted == before) continue;
      const int now = wanted > before ? 1 : -1;
      ++result.changes;
      result.reversals += now == -direction;
      direction = now;
      model.SetReplicas(wanted);
    }
  }
  result.figures = model.figures();
  return result;
}

// As if the load to come were known: in every quarter of an hour the replicas of its busiest
// minute, full to the last slot.
double ClairvoyantSeconds(const Trace& trace) {
  constexpr double kBlock = 900;
  const auto bins = static_cast<std::size_t>(std::max(1.0, kBlock / trace.bin));
  const auto smooth = static_cast<std::size_t>(std::max(1.0, 60 / trace.bin));
  double total = 0;
  for (std::size_t from = 0; from < trace.rates.size(); from += bins) {
    const std::size_t to = std::min(trace.rates.size(), from + bins);
    double highest = 0;
    for (std::size_t i = from; i < to; i += smooth) {
      double sum = 0;
      const std::size_t end = std::min(to, i + smooth);
      for (std::size_t j = i; j < end; ++j) sum += trace.rates[j];
      highest = std::max(highest, sum / static_cast<double>(end - i));
    }
    const double replicas = std::max(1.0, std::ceil(highest * kMeanExecSeconds / kSlots));
    total += replicas * static_cast<double>(to - from) * trace.bin;
  }
  return total;
}

void Print(const Trace& trace, const char* name, const Result& result) {
  const double seconds = static_cast<double>(trace.rates.size()) * trace.bin;
  const QueueFigures& f = result.figures;
  const auto tasks = static_cast<double>(std::max<std::uint64_t>(f.tasks, 1));
  std::printf(
      "%-26s %-11s bad %6.2f %% (refused %5.2f %%)  p95 wait > 3 s %6.2f %% of time  "
      "%9.0f replica-h = %.2f x clairvoyant  changes/day %6.1f  reversals/day %5.1f\n",
      trace.name.c_str(), name, 100 * static_cast<double>(f.refused + f.long_waits) / tasks,
      100 * static_cast<double>(f.refused) / tasks, 100 * f.long_wait_seconds / seconds,
      f.replica_seconds / 3'600, f.replica_seconds / ClairvoyantSeconds(trace),
      86'400 * result.changes / seconds, 86'400 * result.reversals / seconds);
}

int Main(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().string().ends_with(".arrivals.csv")) files.push_back(entry.path());
  }
  if (files.empty()) {
    std::fprintf(stderr, "no *.arrivals.csv in %s\n", folder.c_str());
    return 1;
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const Trace trace = ReadTrace(file);
    Print(trace, "documented", Play(trace, Ours("documented")));
    Print(trace, "responsive", Play(trace, Ours("responsive")));
    Print(trace, "HPA", Play(trace, Hpa()));
  }
  return 0;
}

}  // namespace
}  // namespace chatscale

int main(int argc, char** argv) { return chatscale::Main(argc > 1 ? argv[1] : CHATSCALE_TRACES); }
