// Which target a request is about.
#pragma once

#include "exporter/core/view.h"
#include "exporter/web/message.h"

namespace chatscale {

// The target that ?tenant= and ?project= name; without them, the first. Null when there is none.
const TargetView* FindTarget(const View& view, const WebRequest& request);

}  // namespace chatscale
