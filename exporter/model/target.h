// Who is observed: one tenant and project. Both empty when the source does not say.
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

// The two services: one word for them, from the documents that are read to the advice that is
// given.

using recommender::kServices;
using recommender::PerService;
using recommender::Service;

}  // namespace chatscale
