// Follows one sorted set of time-stamped members, reading only what is new.
//
//        backfill, newest first            followed
//   |<----------------------------|------------------------|~~~~~~|
//   now - retention           start of following         cursor   now
//
// Forward: members with score >= cursor. The cursor stays 5 s (the overlap) behind the newest
// member, so that late arrivals and equal scores are seen; known members are recognized by hash.
// The overlap doubles, up to 60 s, whenever members arrived later. Backfill: pages from the start
// of following down to the retention, newest first, so that the short windows are complete first.
// Restart: each cycle ZCOUNT checks that the known members agree with Redis. Fewer in Redis: it was
// emptied or replaced. More for two cycles: arrivals later than the overlap. Either way the set is
// read again from scratch, at most once a minute; at once if Redis has none, or differs at all
// after a reconnect.
//
// Counting across a restart: members handed out before are recognized by score where all earlier
// ones had been handed out, above that by hash. In doubt a member is not new: one too late for the
// overlap is missed by a counter rather than counted twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/redis/wire/reply.h"

namespace chatscale::redis {

struct ScoredMember {
  double score = 0;         // Unix seconds
  std::string_view member;  // valid while the reply lives
  // To be counted: later than the first step and never handed out before, restarts included.
  bool is_new = false;
};

class ZsetFollower {
 public:
  ZsetFollower(std::string key, double retention_seconds)
      : key_(std::move(key)), retention_(retention_seconds) {}

  struct NewMembers {  // of one step; ascending by score, equal scores in Redis' order
    std::vector<ScoredMember> earlier;  // all before every known one
    std::vector<ScoredMember> later;    // not seen before; may lie between known ones
  };

  // Adds the commands of a cycle's first step, at `now` (Unix seconds); `page` bounds a reply's
  // members.
  void AddCommands(double now, std::size_t page, Pipeline& pipeline);
  // Adds those of a further step, if there is more to read.
  void AddBackfillCommands(Pipeline& pipeline);
  // Whether the last of these two functions added any; then Apply must be called.
  bool requested() const { return requested_; }
  // Consumes the replies to exactly those commands, from `next_reply` on.
  NewMembers Apply(const std::vector<Reply>& replies, std::size_t& next_reply);

  // The range that ZCOUNT counted, from <= score < to; nullopt when it did not.
  struct Range {
    double from = 0, to = 0;
  };
  std::optional<Range> CountedRange() const;
  // `known`: number of members handed out in the counted range. True: the caller must drop all of
  // them, as the set is read again from scratch.
  bool MustRestart(std::size_t known);

  // To be called after a reconnect: another server, with other members, may respond.
  void OnReconnect() { doubtful_ = true; }

  // Another step in the same cycle would read more pages.
  bool NeedsMore() const { return !unreadable_ && (forward_full_ || !backfilled_); }
  // Every member with score >= CompleteSince() has been read; +infinity before the first step.
  double CompleteSince() const;
  // No member with a lower score will be handed out as `later` any more.
  double settled_before() const { return cursor_; }
  // Ends the backfill where it is: the caller has no room for more.
  void StopBackfill();
  bool unreadable() const { return unreadable_; }  // the key holds another type
  double now() const { return now_; }              // of the cycle

 private:
  void AddStep(Pipeline& pipeline);
  void Restart();
  std::size_t PageMembers(std::size_t growth) const;
  bool CanGrow(std::size_t growth) const;
  bool IsNew(double score, std::uint64_t hash) const;
  void ApplyForward(ReplyView reply, NewMembers& new_members);
  void ApplyBackward(ReplyView reply, NewMembers& new_members);

  const std::string key_;
  const double retention_;
  bool requested_ = false;
  bool started_ = false;
  bool unreadable_ = false;
  double now_ = 0;
  std::size_t page_ = 0;
  // Forward.
  double cursor_ = 0;
  double newest_ = 0;
  double overlap_seconds_ = 5;
  std::size_t forward_growth_ = 1;  // doubled while one score fills a whole page
  bool forward_full_ = false;
  absl::flat_hash_map<std::uint64_t, double> seen_;  // hash of score and member -> score
  // Backward.
  bool backfilled_ = false;
  bool backfill_stopped_ = false;
  bool asked_backward_ = false;
  double backfilled_to_ = 0;  // all members from here on are known; the next page ends before
  std::size_t backward_growth_ = 1;
  // Counting.
  double new_from_ = 0;
  absl::flat_hash_map<std::uint64_t, double> handed_out_;  // before the restart, as `seen_`
  // Agreement.
  bool asked_count_ = false;
  Range counted_;
  std::optional<std::size_t> count_in_redis_;
  bool doubtful_ = false;
  int surplus_cycles_ = 0;
  double last_restart_ = 0;
};

}  // namespace chatscale::redis
