#include "exporter/sources/simulator/rolling.h"

#include <algorithm>
#include <numeric>

namespace chatscale {
namespace {

WindowSummary Summarize(std::vector<double> values) {
  WindowSummary summary;
  summary.count = values.size();
  if (values.empty()) return summary;
  std::sort(values.begin(), values.end());
  const auto at = [&](double q) {
    const auto index = static_cast<std::size_t>(q * static_cast<double>(values.size()));
    return values[std::min(index, values.size() - 1)];
  };
  summary.mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  summary.p50 = at(0.50);
  summary.p95 = at(0.95);
  summary.p99 = at(0.99);
  summary.max = values.back();
  return summary;
}

}  // namespace

void Rolling::Trim(double now) {
  while (!samples_.empty() && samples_.front().at < now - kWindowSeconds.back()) {
    samples_.pop_front();
  }
}

std::array<WindowSummary, 3> Rolling::Summaries(double now) const {
  std::array<WindowSummary, 3> summaries;
  for (std::size_t w = 0; w < summaries.size(); ++w) {
    std::vector<double> values;
    // NOLINTNEXTLINE(modernize-loop-convert): clang 14 cannot read libstdc++'s reverse view.
    for (auto sample = samples_.rbegin(); sample != samples_.rend(); ++sample) {
      if (sample->at < now - kWindowSeconds[w]) break;
      values.push_back(sample->value);
    }
    summaries[w] = Summarize(std::move(values));
  }
  return summaries;
}

}  // namespace chatscale
