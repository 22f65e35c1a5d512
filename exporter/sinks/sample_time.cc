#include "exporter/sinks/sample_time.h"

#include <algorithm>

namespace chatscale {

std::optional<absl::Time> SampleTime(const MetricRow& row, const TargetView& target,
                                     const View& view) {
  if (!row.IsObserved() || view.mode == "demo") return target.built_at;
  if (row.name.starts_with("chat.ingress.")) return target.at.ingress;
  if (row.name.starts_with("chat.proc.")) return target.at.proc;
  return std::max(target.at.ingress, target.at.proc);  // of the system as a whole; nullopt is less
}

}  // namespace chatscale
