// Recorded arrivals, scaled to the size of the model.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace chatscale {

struct Trace {
  std::string name;
  double bin = 1;             // seconds
  std::vector<double> rates;  // arrivals a second, of mean 1; one a bin

  double seconds() const { return bin * static_cast<double>(rates.size()); }
};

// `<name>.arrivals.csv` with a header and lines "t_seconds,arrivals", or the same gzipped; its
// first two weeks. Empty rates: it cannot be read.
Trace ReadTrace(const std::filesystem::path& path);

// As if the demand to come were known: in every quarter of an hour the replicas of its busiest
// minute, full to the last. `demand`: one value a bin.
double ClairvoyantReplicaSeconds(const std::vector<double>& demand, double bin, double per_replica);

}  // namespace chatscale
