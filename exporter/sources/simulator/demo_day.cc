#include "exporter/sources/simulator/demo_day.h"

#include <array>
#include <cmath>
#include <cstddef>

namespace chatscale {
namespace {

constexpr double kDay = 86'400;
constexpr double kHour = 3'600;

struct Point {
  double hour, level;
};

// Quiet night, steep morning, lunch dip, long evening.
constexpr std::array kPoints = {
    Point{0, 0.22},  Point{4, 0.10},  Point{7, 0.25},    Point{9.5, 0.90}, Point{12, 0.95},
    Point{13, 0.72}, Point{15, 1.00}, Point{17.5, 0.80}, Point{21, 0.60},  Point{24, 0.22}};

}  // namespace

double DailyShape(double seconds) {
  const double hour = (seconds - kDay * std::floor(seconds / kDay)) / kHour;
  for (std::size_t i = 1; i < kPoints.size(); ++i) {
    if (hour > kPoints[i].hour) continue;
    const Point& a = kPoints[i - 1];
    const Point& b = kPoints[i];
    return a.level + (b.level - a.level) * (hour - a.hour) / (b.hour - a.hour);
  }
  return kPoints.back().level;
}

}  // namespace chatscale
