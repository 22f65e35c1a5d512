// Requests admitted by the upstream's gateway, which it counts by hour of its local time.
#pragma once

#include <array>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "exporter/model/snapshot.h"
#include "exporter/redis/keys.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/redis/wire/reply.h"

namespace chatscale::redis {

inline constexpr double kHourSeconds = 3600;

// Names hours of local time as the upstream does: "2026-07-24_11".
class LocalHour {
 public:
  // The hour that contains `unix_seconds`. Fast for ascending times.
  const std::string& Of(double unix_seconds);

 private:
  double begin_ = std::numeric_limits<double>::infinity();
  double end_ = -std::numeric_limits<double>::infinity();
  std::string name_;
};

// Elapsed part of the hour at `unix_seconds`, 0 to 1.
double PassedPartOfHour(double unix_seconds);

inline constexpr std::array<int, 5> kThrottlePeriodHours = {1, 3, 6, 12, 24};

struct TargetState;

class AdmittedRequests {
 public:
  explicit AdmittedRequests(const KeySpace& keys) : key_(keys.RequestsHourly()) {}

  void AddCommands(double now, Pipeline& pipeline);
  void ParseReplies(ReplyStream& replies, ReplyFaults& faults);
  void Fill(TargetState& state) const;

 private:
  void FindZone(const std::vector<double>& counts);
  void CountAdmitted(std::map<std::string, double> hours);

  std::string key_;
  double now_ = 0;
  std::vector<std::string> hour_names_;  // requested in this cycle, newest first
  std::array<MaybeNumber, kThrottlePeriodHours.size()> periods_;
  std::map<std::string, double> hours_;  // by local hour, as last read
  int cycle_ = 0;
  bool probing_ = false;                  // this cycle reads the hours of every time zone
  int zone_hours_ = 0;                    // by which the writers' clocks are ahead of ours
  std::map<std::string, double> probed_;  // counts at the last probe
  MaybeNumber admitted_;                  // since the first read
};

}  // namespace chatscale::redis
