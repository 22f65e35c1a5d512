#include "bench/trace.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace chatscale {

Trace ReadTrace(const std::filesystem::path& path) {
  constexpr double kMostSeconds = 14 * 86'400;
  Trace trace;
  trace.name = path.filename().string();
  trace.name.resize(std::min(trace.name.size(), trace.name.find(".arrivals.csv")));
  gzFile file = ::gzopen(path.c_str(), "rb");
  if (file == nullptr) return trace;
  char line[128];
  ::gzgets(file, line, sizeof(line));  // the header
  double second = 1;
  while (::gzgets(file, line, sizeof(line)) != nullptr) {
    char* comma = nullptr;
    const double t = std::strtod(line, &comma);
    if (t >= kMostSeconds || *comma != ',') break;
    if (trace.rates.size() == 1) second = t;
    trace.rates.push_back(std::strtod(comma + 1, nullptr));
  }
  ::gzclose(file);
  trace.bin = second;
  const double mean = std::accumulate(trace.rates.begin(), trace.rates.end(), 0.0) /
                      static_cast<double>(trace.rates.size());
  for (double& rate : trace.rates) rate /= mean;
  return trace;
}

double ClairvoyantReplicaSeconds(const std::vector<double>& demand, double bin,
                                 double per_replica) {
  constexpr double kBlock = 900, kMinute = 60;
  const auto bins = [bin](double seconds) {
    return static_cast<std::size_t>(std::max(1.0, seconds / bin));
  };
  double total = 0;
  for (std::size_t from = 0; from < demand.size(); from += bins(kBlock)) {
    const std::size_t to = std::min(demand.size(), from + bins(kBlock));
    double highest = 0;
    for (std::size_t i = from; i < to; i += bins(kMinute)) {
      const std::size_t end = std::min(to, i + bins(kMinute));
      double sum = 0;
      for (std::size_t j = i; j < end; ++j) sum += demand[j];
      highest = std::max(highest, sum / static_cast<double>(end - i));
    }
    const double replicas = std::max(1.0, std::ceil(highest / per_replica));
    total += replicas * static_cast<double>(to - from) * bin;
  }
  return total;
}

}  // namespace chatscale
