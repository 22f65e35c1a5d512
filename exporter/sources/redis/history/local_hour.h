// Hours of local time as the upstream names them: "2026-07-24_11".
#pragma once

#include <limits>
#include <string>

namespace chatscale::redis {

inline constexpr double kHourSeconds = 3600;

class LocalHour {
 public:
  // The hour that contains `unix_seconds`. Fast for ascending times.
  const std::string& Of(double unix_seconds);

 private:
  double begin_ = std::numeric_limits<double>::infinity();
  double end_ = -std::numeric_limits<double>::infinity();
  std::string name_;
};

// The part of its hour, 0 to 1, that has passed at `unix_seconds`.
double PassedPartOfHour(double unix_seconds);

}  // namespace chatscale::redis
