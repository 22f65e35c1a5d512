// Figures over a replay.
#pragma once

#include <array>
#include <iosfwd>

#include "recommender/recommend.h"

namespace chatscale {

class ReplaySummary {
 public:
  void Add(const recommender::Step& step);
  // Time between lines counts for what the earlier of them said. Durations in seconds.
  void Print(std::ostream& out) const;

 private:
  static constexpr std::size_t kStatuses = 5;  // of recommender::RuleStatus

  struct Figures {
    int changes = 0;
    int reversals = 0;         // changes against the direction of the one before
    int suppressed = 0;        // changes the guard rails took back, counted once while they last
    double replica_hours = 0;  // of the advised count
    double unadvised_seconds = 0;
    std::array<std::array<double, kStatuses>, recommender::kMaxRules> rule_seconds{};
    recommender::Decision last_change = recommender::Decision::kHold;
    recommender::Recommendation last;
  };

  static void AddTime(double seconds, Figures& figures);
  static void AddDecision(const recommender::Recommendation& answer, Figures& figures);

  recommender::PerService<Figures> services_;
  long lines_ = 0;
};

}  // namespace chatscale
