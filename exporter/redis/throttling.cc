#include "exporter/redis/throttling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "exporter/model/snapshot.h"
#include "exporter/redis/json_values.h"
#include "exporter/redis/latencies.h"
#include "exporter/redis/target_state.h"

namespace chatscale::redis {

namespace {

constexpr std::array<std::string_view, 11> kFields = {
    "timestamp",   "event_id", "reason",      "http_status", "session_id",      "user_type",
    "fingerprint", "endpoint", "retry_after", "queue_stats", "rate_limit_stats"};

constexpr std::array<std::string_view, 7> kReasons = {
    "session_rate_limit",     "hourly_rate_limit",       "burst_rate_limit", "system_backpressure",
    "anonymous_backpressure", "registered_backpressure", "paid_backpressure"};

template <typename List>
bool Contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

struct ThrottleEvent {
  bool is_object = false;      // a JSON object of at most kMostEventBytes
  bool as_documented = false;  // exactly the documented fields, and a known reason
  std::string_view reason = "unknown";
  std::string_view session = "unknown";  // empty when not text
  std::uint16_t http_status = 0;
};

// The views are valid until the parser's next use.
ThrottleEvent ParseThrottleEvent(TolerantParser& parser, std::string_view json) {
  ThrottleEvent event;
  if (json.size() > kMostEventBytes) return event;
  const auto root = parser.Parse(json);
  simdjson::dom::object fields;
  if (!root || root->get(fields) != simdjson::SUCCESS) return event;
  event.is_object = true;
  std::size_t known = 0;
  bool extra = false;
  for (const auto [name, field] : fields) {
    if (name == "reason") event.reason = TextIn(field).value_or("unknown");
    if (name == "session_id") event.session = TextIn(field).value_or("");
    if (name == "http_status") {
      const auto status = SmallIntIn(field);
      if (status && *status > 0 && *status < 1000) {
        event.http_status = static_cast<std::uint16_t>(*status);
      }
    }
    if (Contains(kFields, name))
      ++known;
    else
      extra = true;
  }
  event.as_documented = known == kFields.size() && !extra && Contains(kReasons, event.reason);
  return event;
}

constexpr std::size_t kSpareSessions = 1024;
constexpr std::size_t kMaxRecent = 20;
constexpr std::size_t kTopSessions = 10;

void Count(std::vector<std::pair<std::string, int>>& counts, const std::string& name) {
  for (auto& [known, count] : counts) {
    if (known == name) {
      ++count;
      return;
    }
  }
  counts.emplace_back(name, 1);
}

void CountStatus(std::uint16_t status, ThrottleCounts& counts) {
  ++counts.total;
  if (status == 429) ++counts.rate_limit_429;
  if (status == 503) ++counts.backpressure_503;
}

}  // namespace

std::uint32_t NameTable::Of(std::string_view name) {
  constexpr std::uint32_t kOther = 1;
  if (name.empty()) return 0;
  name = name.substr(0, kMostIdBytes);
  if (name == names_[kOther]) return kOther;
  const auto [known, is_new] = index_.try_emplace(std::hash<std::string_view>()(name),
                                                  static_cast<std::uint32_t>(names_.size()));
  if (!is_new) return known->second;
  if (full()) {
    index_.erase(known);
    return kOther;
  }
  names_.emplace_back(name);
  return known->second;
}

void ThrottleLog::ParseReplies(TolerantParser& parser, ReplyStream& replies, ReplyFaults& faults) {
  if (!follower_.requested()) return;
  replies.Pass(faults, [&](const std::vector<Reply>& all, std::size_t& next) {
    Apply(follower_.Apply(all, next), parser, faults.malformed);
  });
}

void ThrottleLog::Apply(const ZsetFollower::NewMembers& new_members, TolerantParser& parser,
                        int& malformed) {
  DropOld();  // first, to make room for new names
  std::vector<Event> earlier;
  for (const ScoredMember& m : new_members.earlier) earlier.push_back(Decode(m, parser, malformed));
  events_.insert(events_.begin(), earlier.begin(), earlier.end());
  for (const ScoredMember& m : new_members.later) {
    const Event event = Decode(m, parser, malformed);
    const auto at =
        std::upper_bound(events_.begin(), events_.end(), event,
                         [](const Event& a, const Event& b) { return a.time < b.time; });
    events_.insert(at, event);
  }
  DropOld();
  const auto counted = follower_.CountedRange();
  if (!counted || counted->from < forgotten_before_) return;
  const auto known = std::count_if(events_.begin(), events_.end(), [&](const Event& e) {
    return e.time >= counted->from && e.time < counted->to;
  });
  if (follower_.MustRestart(static_cast<std::size_t>(known))) Forget();
}

void ThrottleLog::Forget() {
  events_.clear();
  recent_.clear();
  ForgetNames();
  forgotten_before_ = 0;
}

void ThrottleLog::DropOld() {
  while (!events_.empty() && events_.front().time < follower_.now() - 24 * kHourSeconds)
    events_.pop_front();
  while (events_.size() > kMostEvents) {
    forgotten_before_ = std::nextafter(events_.front().time, follower_.now());
    events_.pop_front();
    follower_.StopBackfill();
  }
  std::erase_if(recent_,
                [this](const RecentEvent& e) { return e.time < follower_.now() - kHourSeconds; });
  if (sessions_.size() > 2 * events_.size() + kSpareSessions || reasons_.full()) ForgetNames();
}

// Forgets the names whose events were dropped.
void ThrottleLog::ForgetNames() {
  const NameTable reasons = std::exchange(reasons_, NameTable(kMostReasons));
  const NameTable sessions = std::exchange(sessions_, NameTable(kMostSessions));
  for (Event& event : events_) {
    event.reason = static_cast<std::uint16_t>(reasons_.Of(reasons[event.reason]));
    event.session = sessions_.Of(sessions[event.session]);
  }
}

ThrottleLog::Event ThrottleLog::Decode(const ScoredMember& member, TolerantParser& parser,
                                       int& malformed) {
  Event event{.time = member.score};
  const ThrottleEvent decoded = ParseThrottleEvent(parser, member.member);
  if (!decoded.as_documented) ++malformed;
  if (!decoded.is_object) return event;
  event.status = decoded.http_status;
  rate_limited_ += member.is_new && event.status == 429 ? 1 : 0;
  backpressured_ += member.is_new && event.status == 503 ? 1 : 0;
  event.reason = static_cast<std::uint16_t>(reasons_.Of(decoded.reason));
  event.session = sessions_.Of(decoded.session);
  if (decoded.as_documented) KeepRecent(member.score, member.member);
  return event;
}

void ThrottleLog::KeepRecent(double time, std::string_view json) {
  if (time < follower_.now() - kHourSeconds) return;
  const auto at = std::find_if(recent_.begin(), recent_.end(),
                               [&](const RecentEvent& e) { return e.time <= time; });
  if (at == recent_.end() && recent_.size() >= kMaxRecent) return;
  recent_.insert(at, RecentEvent{time, std::string(json)});
  if (recent_.size() > kMaxRecent) recent_.pop_back();
}

ThrottlePeriod ThrottleLog::PeriodOf(double from) const {
  ThrottlePeriod period;
  std::vector<int> reasons(reasons_.size());
  struct SessionCount {
    int count = 0;
    std::size_t first = 0;
    std::uint32_t session = 0;
  };
  absl::flat_hash_map<std::uint32_t, SessionCount> sessions;
  std::vector<std::uint16_t> reason_order;
  LocalHour hour;
  std::size_t position = 0;
  for (const Event& event : events_) {
    if (event.time < from || event.time > follower_.now()) continue;
    CountStatus(event.status, period.counts);
    if (event.reason != 0 && reasons[event.reason]++ == 0) reason_order.push_back(event.reason);
    Count(period.by_hour, hour.Of(event.time));
    if (event.session == 0) continue;
    SessionCount& count = sessions[event.session];
    if (count.count++ == 0) count.first = position++;
    count.session = event.session;
  }
  for (const std::uint16_t r : reason_order) period.by_reason.emplace_back(reasons_[r], reasons[r]);
  std::vector<SessionCount> ranked;
  for (const auto& [session, count] : sessions) ranked.push_back(count);
  const std::size_t shown = std::min(kTopSessions, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(shown),
                    ranked.end(), [](const SessionCount& a, const SessionCount& b) {
                      return a.count != b.count ? a.count > b.count : a.first < b.first;
                    });
  for (std::size_t i = 0; i < shown; ++i) {
    period.top_sessions.emplace_back(sessions_[ranked[i].session], ranked[i].count);
  }
  return period;
}

ThrottleSummary ThrottleLog::Summary() const {
  ThrottleSummary summary;
  if (follower_.unreadable()) return summary;
  const double complete_since = std::max(follower_.CompleteSince(), forgotten_before_);
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    const double from = follower_.now() - kWindowSeconds[w];
    if (complete_since > from) break;
    ThrottleCounts counts;
    for (const Event& event : events_) {
      if (event.time >= from && event.time <= follower_.now()) CountStatus(event.status, counts);
    }
    summary.windows[w] = counts;
  }
  for (std::size_t p = 0; p < kThrottlePeriodHours.size(); ++p) {
    const double from = follower_.now() - kThrottlePeriodHours[p] * kHourSeconds;
    summary.periods[p] = PeriodOf(from);
    summary.periods[p].complete = complete_since <= from;
  }
  for (const RecentEvent& event : recent_) {
    if (event.time <= follower_.now()) summary.recent.push_back(event.json);
  }
  return summary;
}

void ThrottleLog::Fill(TargetState& state) const {
  state.throttling = Summary();
  state.counts.rate_limited = rate_limited_;
  state.counts.backpressured = backpressured_;
}

}  // namespace chatscale::redis
