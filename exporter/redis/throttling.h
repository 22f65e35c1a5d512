// Throttling: refused requests of the last 24 hours, as the upstream records them.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "exporter/model/snapshot.h"
#include "exporter/redis/keys.h"
#include "exporter/redis/requests.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/redis/wire/reply.h"
#include "exporter/redis/zset_follower.h"

namespace chatscale::redis {

class TolerantParser;
struct TargetState;

inline constexpr std::size_t kMostEvents = 100'000;
inline constexpr std::size_t kMostSessions = 20'000;  // distinct; further ones are "other"
inline constexpr std::size_t kMostReasons = 64;

struct ThrottleCounts {
  int total = 0;  // members, malformed ones included
  int rate_limit_429 = 0;
  int backpressure_503 = 0;
};

struct ThrottlePeriod {
  bool complete = false;  // all of it was read and none was dropped
  ThrottleCounts counts;
  // In order of first appearance.
  std::vector<std::pair<std::string, int>> by_reason;
  std::vector<std::pair<std::string, int>> by_hour;       // "2026-07-24_11", local time
  std::vector<std::pair<std::string, int>> top_sessions;  // at most 10, highest count first
};

struct ThrottleSummary {
  PerWindow<std::optional<ThrottleCounts>> windows;  // nullopt: not read completely
  std::array<ThrottlePeriod, kThrottlePeriodHours.size()> periods;
  std::vector<std::string> recent;  // JSON of the newest events of the last hour, newest first
};

// Maps names to numbers. Names beyond the bound share one number, "other".
class NameTable {
 public:
  explicit NameTable(std::size_t most) : most_(most) {}

  std::uint32_t Of(std::string_view name);  // 0: the empty name
  const std::string& operator[](std::size_t index) const { return names_[index]; }
  std::size_t size() const { return names_.size(); }
  bool full() const { return names_.size() >= most_; }

 private:
  std::size_t most_;
  std::vector<std::string> names_ = {"", "other"};
  absl::flat_hash_map<std::size_t, std::uint32_t> index_;  // by hash, so a name is stored once
};

// Refused requests of the last 24 hours, read incrementally and stored compactly. At most
// kMostEvents: beyond that, the oldest are dropped and the longer periods unknown.
class ThrottleLog {
 public:
  explicit ThrottleLog(const KeySpace& keys) : follower_(keys.ThrottlingEvents(), 24 * 3600.0) {}

  // `page` bounds the members of one reply.
  void AddCommands(double now, std::size_t page, Pipeline& pipeline) {
    follower_.AddCommands(now, page, pipeline);
  }
  // Of a further page, if there is one.
  void AddBackfillCommands(Pipeline& pipeline) { follower_.AddBackfillCommands(pipeline); }
  void ParseReplies(TolerantParser& parser, ReplyStream& replies, ReplyFaults& faults);
  bool NeedsMore() const { return follower_.NeedsMore(); }
  void OnReconnect() { follower_.OnReconnect(); }
  void Fill(TargetState& state) const;

 private:
  struct Event {
    double time = 0;
    std::uint32_t session = 0;  // index into sessions_; 0 = none
    std::uint16_t reason = 0;   // index into reasons_; 0 = none
    std::uint16_t status = 0;   // HTTP; 0 = none
  };
  struct RecentEvent {
    double time = 0;
    std::string json;
  };

  void Apply(const ZsetFollower::NewMembers& new_members, TolerantParser& parser, int& malformed);
  Event Decode(const ScoredMember& member, TolerantParser& parser, int& malformed);
  void KeepRecent(double time, std::string_view json);
  void Forget();
  void DropOld();
  void ForgetNames();
  ThrottlePeriod PeriodOf(double from) const;
  ThrottleSummary Summary() const;

  ZsetFollower follower_;
  double rate_limited_ = 0, backpressured_ = 0;  // since the first step, each counted once
  double forgotten_before_ = 0;                  // events dropped for lack of room were earlier
  std::deque<Event> events_;                     // by time
  NameTable reasons_{kMostReasons}, sessions_{kMostSessions};
  std::vector<RecentEvent> recent_;  // newest first
};

}  // namespace chatscale::redis
