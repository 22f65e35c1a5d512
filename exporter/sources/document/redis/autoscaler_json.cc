// The upstream's instantaneous scaling hints (contract 4.9), from corrected inputs. Ours are the
// recommender's.
#include "absl/strings/str_format.h"
#include "exporter/model/capacity.h"
#include "exporter/sources/document/redis/json_sections.h"
#include "exporter/sources/redis/snapshot/rounding.h"

namespace chatscale::redis {
namespace {

constexpr double kPressureUp = 0.85, kPressureDown = 0.3;
constexpr double kUtilizationUp = 85, kUtilizationDown = 30;  // percent
constexpr double kSseUp = 80, kSseDown = 30;                  // percent

double UtilizationOf(const ServiceFleet& component) {
  const double capacity = component.capacity.value_or(0);
  return capacity > 0 ? RoundTo(component.load.value_or(0) / capacity * 100, 1) : 0;
}

Json HintJson(bool up, bool down, std::vector<std::string> reasons, Json signals) {
  return {{"decision", down ? "scale_down"
                       : up ? "scale_up"
                            : "hold"},
          {"scale_up", up},
          {"scale_down", down},
          {"reasons", std::move(reasons)},
          {"signals", std::move(signals)}};
}

Json ProcHint(const DocumentInput& input) {
  const MaybeNumber pressure = input.snapshot.queue.capacity.corrected_pressure;
  const MaybeNumber total = input.snapshot.queue.total;
  const double utilization = UtilizationOf(input.snapshot.fleet.proc);
  const double instances = *input.snapshot.fleet.proc.instances;
  std::vector<std::string> reasons;
  if (pressure && *pressure >= kPressureUp) {
    reasons.push_back(absl::StrFormat("queue pressure %.2f >= %.2f", *pressure, kPressureUp));
  }
  if (total.value_or(0) > 0 && utilization >= kUtilizationUp) {
    reasons.push_back(absl::StrFormat("utilization %.1f%% with non-empty queue", utilization));
  }
  const bool up = !reasons.empty();
  const bool down = total == 0.0 && pressure && *pressure < kPressureDown &&
                    utilization < kUtilizationDown && instances > 1;
  if (down) reasons.emplace_back("low queue + low utilization");
  return HintJson(up, down, std::move(reasons),
                  {{"queue_pressure_ratio", OrNull(pressure, 3)},
                   {"queue_depth", OrNull(total)},
                   {"utilization_percent", utilization},
                   {"instance_count", instances}});
}

Json IngressHint(const DocumentInput& input) {
  MaybeNumber percent = SseSaturation(input.snapshot.sse);
  if (percent) *percent *= 100;
  const double utilization = UtilizationOf(input.snapshot.fleet.ingress);
  const double instances = *input.snapshot.fleet.ingress.instances;
  std::vector<std::string> reasons;
  const bool up = percent && *percent >= kSseUp;
  if (up) reasons.push_back(absl::StrFormat("sse utilization %.1f%% >= %.0f%%", *percent, kSseUp));
  const bool down =
      percent && *percent < kSseDown && instances > 1 && utilization < kUtilizationDown;
  if (down) reasons.emplace_back("low sse utilization + low load");
  return HintJson(up, down, std::move(reasons),
                  {{"sse_utilization_percent", OrNull(percent, 1)},
                   {"utilization_percent", utilization},
                   {"instance_count", instances}});
}

}  // namespace

Json AutoscalerJson(const DocumentInput& input) {
  return {{"proc", ProcHint(input)}, {"ingress", IngressHint(input)}};
}

}  // namespace chatscale::redis
