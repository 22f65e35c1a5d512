// The last hour of every target, for the page: what the rules compare, replicas, errors.
//
// Memory is fixed: `kMostBytes` for the points of all targets together. A thousand targets have a
// point every 15 s; beyond about 1,200 the points lie further apart. Thread-safe.
#pragma once

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
#include "exporter/history/point_ring.h"
#include "exporter/model/view.h"
#include "recommender/policy_unit.h"

namespace chatscale {

// What one or more rules compare.
struct HistorySignal {
  std::string_view name;         // "queue wait p95"
  recommender::PolicyUnit unit;  // of the values
};
// In the order of the rules.
std::span<const HistorySignal> SignalsOfHistory(Service service);

struct ServiceHistory {
  std::vector<std::optional<int>> current, desired;  // replicas
  std::vector<std::vector<MaybeNumber>> signals;     // in the order of SignalsOfHistory
};

struct TargetHistory {
  std::vector<absl::Time> at;  // of each value; the recommender's time
  PerService<ServiceHistory> services;
};

// {source, kind} -> how often within the last hour. None that is 0.
using HourOfErrors = std::map<std::pair<std::string, ErrorKind>, std::uint64_t>;

class History {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{16} << 20;
  static constexpr absl::Duration kLength = absl::Hours(1);

  void Add(const View& view);

  TargetHistory Of(const Target& target) const;  // empty: nothing is known
  HourOfErrors ErrorsOf(const Target& target) const;
  std::size_t MemoryBytes() const;  // of the points

 private:
  // Totals of a counter when they changed, at most one a minute.
  using Totals = std::vector<std::pair<absl::Time, std::uint64_t>>;
  struct Kept {
    PointRing points{0};
    std::map<std::pair<std::string, ErrorKind>, Totals> errors;
    absl::Time seen;  // our clock
  };

  static void AddErrors(const TargetView& target, absl::Time now, Kept& kept);

  mutable std::mutex mutex_;
  std::map<Target, Kept> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chatscale
