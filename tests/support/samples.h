// All samples of a view at once.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "exporter/metrics/families.h"

namespace chatscale {

struct Samples {
  std::vector<PublishedFamily> families;  // in the catalogue's order
  std::map<std::string, std::uint64_t> dropped;
};

inline Samples SamplesOf(const View& view, const FamilyOptions& options = {}) {
  Samples out;
  out.dropped = EachFamily(view, view.built_at, options, Rows::kAll,
                           [&](const PublishedFamily& family) { out.families.push_back(family); });
  return out;
}

}  // namespace chatscale
