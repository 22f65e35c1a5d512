#include "exporter/web/find_target.h"

#include <algorithm>

namespace chatscale {

const TargetView* FindTarget(const View& view, const WebRequest& request) {
  const auto tenant = request.query.find("tenant");
  const auto project = request.query.find("project");
  const auto found =
      std::find_if(view.targets.begin(), view.targets.end(), [&](const TargetView& candidate) {
        return (tenant == request.query.end() || candidate.target.tenant == tenant->second) &&
               (project == request.query.end() || candidate.target.project == project->second);
      });
  return found == view.targets.end() ? nullptr : &*found;
}

}  // namespace chatscale
