// History: the last hour of every target, in bounded memory, and as JSON for the page.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "exporter/model/view.h"
#include "recommender/rule_table.h"

namespace chatscale {

// One point of a target's history, for both services. Unknown: NaN and -1.
struct HistoryPoint {
  static constexpr std::size_t kMostSignals =
      recommender::SignalCount(Service::kIngress) + recommender::SignalCount(Service::kProc);
  static constexpr std::int16_t kUnknown = -1;

  std::int64_t at_milliseconds = 0;
  std::array<float, kMostSignals> signals{};
  std::array<std::int16_t, 2> current{}, desired{};  // by service

  absl::Time at() const { return absl::FromUnixMillis(at_milliseconds); }
};

// Ring buffer of the newest points.
class PointRing {
 public:
  explicit PointRing(std::size_t capacity) : capacity_(capacity) {}

  std::size_t capacity() const { return capacity_; }
  // Keeps the newest points.
  void Resize(std::size_t capacity);
  // Replaces the oldest point when full.
  void Add(const HistoryPoint& point);
  void Clear();
  const HistoryPoint* newest() const;
  std::vector<HistoryPoint> Since(absl::Time begin) const;  // oldest first
  std::size_t bytes() const { return points_.capacity() * sizeof(HistoryPoint); }

 private:
  std::vector<HistoryPoint> InOrder() const;

  std::size_t capacity_;
  std::size_t next_ = 0;  // index of the oldest point, which is replaced next, once full
  std::vector<HistoryPoint> points_;
};

// A signal that one or more rules compare.
struct HistorySignal {
  std::string_view name;         // "queue wait p95"
  recommender::PolicyUnit unit;  // of the values
};
// In the order of the rule table.
std::span<const HistorySignal> SignalsOfHistory(Service service);

struct ServiceHistory {
  std::vector<std::optional<int>> current, desired;  // replicas
  std::vector<std::vector<MaybeNumber>> signals;     // in the order of SignalsOfHistory
};

struct TargetHistory {
  std::vector<absl::Time> at;  // evaluation times
  PerService<ServiceHistory> services;
};

// Errors of the last hour by {source, kind}; zeros are omitted.
using HourOfErrors = std::map<std::pair<std::string, ErrorKind>, std::uint64_t>;

// The last hour of every target: signals, replicas, errors. Thread-safe.
//
// Memory is fixed: `kMostBytes` for the points of all targets. Up to about 1,200 targets have a
// point every 15 s, more targets have fewer.
class History {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{16} << 20;
  static constexpr absl::Duration kLength = absl::Hours(1);

  void Add(const View& view);

  TargetHistory Of(const Target& target) const;  // empty: no history
  HourOfErrors ErrorsOf(const Target& target) const;
  std::size_t MemoryBytes() const;  // of the points

 private:
  // Total of a counter at each change, at most one per minute.
  using Totals = std::vector<std::pair<absl::Time, std::uint64_t>>;
  struct Kept {
    PointRing points{0};
    std::map<std::pair<std::string, ErrorKind>, Totals> errors;
    absl::Time seen;  // by chatscale's clock
  };

  static void AddErrors(const TargetView& target, absl::Time now, Kept& kept);

  mutable std::mutex mutex_;
  std::map<Target, Kept> kept_ ABSL_GUARDED_BY(mutex_);
};

// JSON for the charts. Pure.
// {"at": [Unix seconds…],
//  "services": {"ingress": {"current": [replicas…], "desired": […],
//                           "signals": [{"name", "unit": "ratio"|"seconds"|…, "values": […],
//                                        "thresholds": [{"direction": "out"|"in", "value"}]}]},
//               "proc": …}}
// Thresholds are the current ones. Unknown values are null.
std::string HistoryJson(const TargetView& target, const TargetHistory& history);

}  // namespace chatscale
