#include "exporter/sources/redis/history/local_hour.h"

#include <cmath>

#include "absl/time/time.h"

namespace chatscale::redis {
namespace {

absl::CivilSecond LocalTime(double unix_seconds) {
  return absl::ToCivilSecond(absl::FromUnixSeconds(static_cast<std::int64_t>(unix_seconds)),
                             absl::LocalTimeZone());
}

}  // namespace

const std::string& LocalHour::Of(double unix_seconds) {
  if (unix_seconds >= begin_ && unix_seconds < end_) return name_;
  // A day of 1e9 s before 1970 or after 5000 is no time we can name.
  if (!(std::abs(unix_seconds) < 1e11)) unix_seconds = 0;
  name_ = absl::FormatTime("%Y-%m-%d_%H",
                           absl::FromUnixSeconds(static_cast<std::int64_t>(unix_seconds)),
                           absl::LocalTimeZone());
  begin_ = std::floor(unix_seconds) - kHourSeconds * PassedPartOfHour(std::floor(unix_seconds));
  end_ = begin_ + kHourSeconds;
  return name_;
}

double PassedPartOfHour(double unix_seconds) {
  const absl::CivilSecond local = LocalTime(unix_seconds);
  const double fraction = unix_seconds - std::floor(unix_seconds);
  return (local.minute() * 60 + local.second() + fraction) / kHourSeconds;
}

}  // namespace chatscale::redis
