// What readers get from the collection loop; both parts describe the same instant. Immutable.
#pragma once

#include <memory>

#include "exporter/core/view.h"
#include "exporter/sinks/exposition.h"

namespace chatscale {

struct Publication {
  std::shared_ptr<const View> view;
  std::shared_ptr<const Exposition> exposition;
};

}  // namespace chatscale
