// Which target a request is about. Never a guess: an autoscaler that asks for one tenant must not
// be told another one's count.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/model/view.h"
#include "exporter/server/message.h"

namespace chatscale {

struct TargetChoice {
  const TargetView* target = nullptr;
  std::optional<WebResponse> refusal;  // instead
};

// By ?tenant= and ?project=; neither is needed while they fit one target only. Refused with 400 and
// what exists: names that fit none or several, other parameters, one that is given twice. 503 while
// nothing has been collected.
TargetChoice ChooseTarget(const View& view, const WebRequest& request);

// By "<tenant>/<project>", the rest of a path.
TargetChoice ChooseTarget(const View& view, std::string_view names);

// Every target that ?tenant= and ?project= fit; refused as above when it is none.
struct TargetsChoice {
  std::vector<const TargetView*> targets;
  std::optional<WebResponse> refusal;  // instead
};
TargetsChoice ChooseTargets(const View& view, const WebRequest& request);

}  // namespace chatscale
