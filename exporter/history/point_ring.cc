#include "exporter/history/point_ring.h"

#include <algorithm>
#include <utility>

namespace chatscale {

std::vector<HistoryPoint> PointRing::InOrder() const {
  std::vector<HistoryPoint> ordered;
  ordered.reserve(points_.size());
  const auto oldest = points_.begin() + static_cast<std::ptrdiff_t>(next_);
  ordered.insert(ordered.end(), oldest, points_.end());
  ordered.insert(ordered.end(), points_.begin(), oldest);
  return ordered;
}

void PointRing::Resize(std::size_t capacity) {
  std::vector<HistoryPoint> ordered = InOrder();
  if (ordered.size() > capacity) {
    ordered.erase(ordered.begin(), ordered.end() - static_cast<std::ptrdiff_t>(capacity));
  }
  points_.clear();
  points_.shrink_to_fit();
  points_.reserve(capacity);
  points_.insert(points_.end(), ordered.begin(), ordered.end());
  capacity_ = capacity;
  next_ = 0;
}

void PointRing::Add(const HistoryPoint& point) {
  if (points_.size() < capacity_) {
    points_.push_back(point);
  } else if (capacity_ > 0) {
    points_[next_] = point;
    next_ = (next_ + 1) % capacity_;
  }
}

void PointRing::Clear() {
  points_.clear();
  next_ = 0;
}

const HistoryPoint* PointRing::newest() const {
  if (points_.empty()) return nullptr;
  return &points_[(next_ + points_.size() - 1) % points_.size()];
}

std::vector<HistoryPoint> PointRing::Since(absl::Time begin) const {
  std::vector<HistoryPoint> points = InOrder();
  const auto first =
      std::ranges::find_if(points, [&](const HistoryPoint& point) { return point.at() >= begin; });
  points.erase(points.begin(), first);
  return points;
}

}  // namespace chatscale
