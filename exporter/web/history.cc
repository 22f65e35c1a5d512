#include "exporter/web/history.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "recommender/rule_table.h"

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

namespace {

using recommender::Recommendation;
using recommender::RuleReport;

constexpr absl::Duration kStep = absl::Seconds(15);
constexpr std::size_t kMostPoints = 241;  // an hour of steps, including both ends

std::vector<HistorySignal> SignalsIn(std::span<const recommender::RuleRow> rules) {
  std::vector<HistorySignal> signals;
  for (const recommender::RuleRow& row : rules) {
    const auto same = [&](const HistorySignal& s) { return s.name == row.signal; };
    if (std::ranges::none_of(signals, same)) signals.push_back({row.signal, row.unit});
  }
  return signals;
}

// Index of the first signal of `service` in a point.
std::size_t OffsetOf(Service service) {
  return service == Service::kIngress ? 0 : SignalsOfHistory(Service::kIngress).size();
}

MaybeNumber ValueOf(const Recommendation& given, const HistorySignal& signal) {
  for (std::size_t i = 0; i < given.rule_count; ++i) {
    const RuleReport& rule = given.rules[i];
    if (rule.row->signal == signal.name && rule.value.has_value()) return rule.value;
  }
  return std::nullopt;
}

std::int16_t Packed(const std::optional<int>& replicas) {
  constexpr int kMost = std::numeric_limits<std::int16_t>::max();
  return replicas ? static_cast<std::int16_t>(std::min(*replicas, kMost)) : HistoryPoint::kUnknown;
}

std::optional<int> Unpacked(std::int16_t replicas) {
  return replicas == HistoryPoint::kUnknown ? std::nullopt : std::optional<int>(replicas);
}

HistoryPoint PointOf(const Recommendations& recommendations) {
  HistoryPoint point;
  point.at_milliseconds = absl::ToUnixMillis(recommendations.evaluated_at);
  point.signals.fill(std::numeric_limits<float>::quiet_NaN());
  for (const Service service : kServices) {
    const Recommendation& given = recommendations.services[service].recommendation;
    const auto index = static_cast<std::size_t>(service);
    point.current.at(index) = Packed(given.current);
    point.desired.at(index) = Packed(given.desired);
    std::size_t slot = OffsetOf(service);
    for (const HistorySignal& signal : SignalsOfHistory(service)) {
      if (const MaybeNumber value = ValueOf(given, signal)) {
        point.signals.at(slot) = static_cast<float>(*value);
      }
      ++slot;
    }
  }
  return point;
}

std::size_t PointsFor(std::size_t targets) {
  return std::clamp<std::size_t>(
      History::kMostBytes / sizeof(HistoryPoint) / std::max<std::size_t>(1, targets), 2,
      kMostPoints);
}

}  // namespace

std::span<const HistorySignal> SignalsOfHistory(Service service) {
  static const PerService<std::vector<HistorySignal>> signals = {
      SignalsIn(recommender::kIngressRules), SignalsIn(recommender::kProcRules)};
  return signals[service];
}

void History::AddErrors(const TargetView& target, absl::Time now, Kept& kept) {
  for (const SourceHealth& source : target.sources) {
    for (const auto& [kind, total] : source.errors) {
      Totals& totals = kept.errors[{source.source, kind}];
      // Counters start at 0 with the process.
      if (totals.empty()) totals.emplace_back(now - absl::Minutes(1), 0);
      if (totals.back().second == total) continue;
      if (totals.size() > 1 && now - totals.back().first < absl::Minutes(1)) {
        totals.back().second = total;
      } else {
        totals.emplace_back(now, total);
      }
      // Keeps the newest total older than an hour, as the hour's starting value.
      const auto recent = std::ranges::find_if(
          totals, [&](const auto& entry) { return entry.first > now - kLength; });
      if (recent - totals.begin() > 1) totals.erase(totals.begin(), recent - 1);
    }
  }
}

void History::Add(const View& view) {
  const std::lock_guard lock(mutex_);
  const std::size_t points = PointsFor(std::max(kept_.size(), view.targets.size()));
  for (auto& [target, kept] : kept_) {
    if (kept.points.capacity() != points) kept.points.Resize(points);
  }
  const absl::Duration step = std::max(kStep, kLength / static_cast<double>(points - 1));
  for (const TargetView& target : view.targets) {
    Kept& kept = kept_[target.target];
    kept.seen = view.built_at;
    AddErrors(target, view.built_at, kept);
    if (!target.recommendations) continue;
    if (kept.points.capacity() == 0) kept.points.Resize(points);
    const HistoryPoint point = PointOf(*target.recommendations);
    const HistoryPoint* newest = kept.points.newest();
    if (newest != nullptr && point.at() < newest->at()) {
      kept.points.Clear();  // the clock went back
      newest = nullptr;
    }
    // Tolerates jitter of the collection interval.
    if (newest == nullptr || point.at() - newest->at() >= 0.75 * step) kept.points.Add(point);
  }
  std::erase_if(kept_,
                [&](const auto& entry) { return view.built_at - entry.second.seen > kLength; });
}

TargetHistory History::Of(const Target& target) const {
  std::vector<HistoryPoint> points;
  {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(target);
    if (found == kept_.end() || found->second.points.newest() == nullptr) return {};
    points = found->second.points.Since(found->second.points.newest()->at() - kLength);
  }
  TargetHistory history;
  for (const HistoryPoint& point : points) history.at.push_back(point.at());
  for (const Service service : kServices) {
    ServiceHistory& of_service = history.services[service];
    const auto index = static_cast<std::size_t>(service);
    const std::size_t count = SignalsOfHistory(service).size();
    of_service.signals.resize(count);
    for (const HistoryPoint& point : points) {
      of_service.current.push_back(Unpacked(point.current.at(index)));
      of_service.desired.push_back(Unpacked(point.desired.at(index)));
      for (std::size_t s = 0; s < count; ++s) {
        const float value = point.signals.at(OffsetOf(service) + s);
        of_service.signals[s].push_back(std::isnan(value) ? std::nullopt : MaybeNumber(value));
      }
    }
  }
  return history;
}

HourOfErrors History::ErrorsOf(const Target& target) const {
  HourOfErrors errors;
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(target);
  if (found == kept_.end()) return errors;
  const Kept& kept = found->second;
  for (const auto& [key, totals] : kept.errors) {
    std::uint64_t before = totals.front().second;
    for (const auto& [at, total] : totals) {
      if (at <= kept.seen - kLength) before = total;
    }
    if (totals.back().second > before) errors[key] = totals.back().second - before;
  }
  return errors;
}

std::size_t History::MemoryBytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t bytes = 0;
  for (const auto& [target, kept] : kept_) bytes += kept.points.bytes();
  return bytes;
}

namespace {

using nlohmann::json;
using recommender::Recommendation;

template <typename T>
json ListOf(const std::vector<std::optional<T>>& values) {
  json list = json::array();
  for (const auto& value : values) list.push_back(value ? json(*value) : json());
  return list;
}

// Distinct thresholds of the rules that compare the signal.
json ThresholdsOf(const Recommendation& given, const HistorySignal& signal) {
  json thresholds = json::array();
  std::set<std::pair<recommender::Direction, double>> seen;
  for (std::size_t i = 0; i < given.rule_count; ++i) {
    const recommender::RuleReport& rule = given.rules[i];
    if (rule.row->signal != signal.name || rule.status == recommender::RuleStatus::kOff) {
      continue;
    }
    if (!seen.emplace(rule.row->direction, rule.threshold).second) continue;
    thresholds.push_back(
        {{"direction", recommender::NameOf(rule.row->direction)}, {"value", rule.threshold}});
  }
  return thresholds;
}

}  // namespace

std::string HistoryJson(const TargetView& target, const TargetHistory& history) {
  json document = {{"at", json::array()}, {"services", json::object()}};
  for (const absl::Time at : history.at)
    document["at"].push_back(absl::ToDoubleSeconds(at - absl::UnixEpoch()));
  for (const Service service : kServices) {
    const ServiceHistory& kept = history.services[service];
    const Recommendation given = target.recommendations
                                     ? target.recommendations->services[service].recommendation
                                     : Recommendation();
    json signals = json::array();
    for (std::size_t s = 0; s < kept.signals.size(); ++s) {
      const HistorySignal& signal = SignalsOfHistory(service)[s];
      signals.push_back({{"name", signal.name},
                         {"unit", recommender::UnitName(signal.unit)},
                         {"values", ListOf(kept.signals[s])},
                         {"thresholds", ThresholdsOf(given, signal)}});
    }
    document["services"][recommender::NameOf(service)] = {{"current", ListOf(kept.current)},
                                                          {"desired", ListOf(kept.desired)},
                                                          {"signals", std::move(signals)}};
  }
  return document.dump();
}

}  // namespace chatscale
