// Who is observed: one tenant and project. Both empty when the source does not say.
#pragma once

#include <compare>
#include <string>

namespace chatscale {

struct Target {
  std::string tenant;
  std::string project;
  auto operator<=>(const Target&) const = default;
};

}  // namespace chatscale
