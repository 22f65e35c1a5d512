#include "exporter/web/page/words.h"

#include "exporter/model/text.h"

namespace chatscale {

std::string QueryOf(const Target& target) {
  return "?tenant=" + PercentEncoded(target.tenant) + "&project=" + PercentEncoded(target.project);
}

std::string NameOf(const Target& target) {
  if (target == Target{}) return "this system";
  return target.tenant + "/" + target.project;
}

std::string CountOf(const std::optional<int>& replicas) {
  return replicas ? std::to_string(*replicas) : "?";
}

std::string ClockTime(absl::Time at) {
  return absl::FormatTime("%H:%M:%S UTC", at, absl::UTCTimeZone());
}

}  // namespace chatscale
