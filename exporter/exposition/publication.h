// What readers get from the collection loop; all parts describe the same instant. Immutable, but
// for what is made of it when somebody asks.
#pragma once

#include <memory>

#include "exporter/core/view.h"
#include "exporter/exposition/exposition.h"
#include "exporter/exposition/rendered.h"

namespace chatscale {

struct Publication {
  std::shared_ptr<const View> view;
  SampleOptions options;
  std::shared_ptr<const Exposition> exposition;
  std::shared_ptr<Rendered> documents = std::make_shared<Rendered>();
};

}  // namespace chatscale
