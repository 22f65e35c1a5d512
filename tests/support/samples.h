// All samples of a view at once.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "exporter/core/samples.h"

namespace chatscale {

struct Samples {
  std::vector<SampleFamily> families;  // in the catalogue's order
  std::map<std::string, std::uint64_t> dropped;
};

inline Samples SamplesOf(const View& view, const SampleOptions& options = {}) {
  Samples out;
  out.dropped = EachFamily(view, options, Rows::kAll,
                           [&](const SampleFamily& family) { out.families.push_back(family); });
  return out;
}

}  // namespace chatscale
