// Target: one tenant and project. Both are empty when the source names none. Alone, as settings and
// keys need nothing else of the model.
#pragma once

#include <compare>
#include <string>

#include "recommender/service.h"

namespace chatscale {

struct Target {
  std::string tenant;
  std::string project;
  auto operator<=>(const Target&) const = default;
};

using recommender::kServices;
using recommender::PerService;
using recommender::Service;

}  // namespace chatscale
