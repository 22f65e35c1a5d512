// Follows one sorted set of time-stamped members, reading only what is new (contract 2.7, 2.9).
//
//        backfill, newest first            followed
//   |<----------------------------|------------------------|~~~~~~|
//   now - retention           start of following         cursor   now
//
// Forward: members with score >= cursor, where the cursor stays 5 s behind the newest member, so
// that late arrivals and equal scores are seen; what was seen already is known by hash. The
// distance doubles, up to 60 s, whenever members arrived later than that. Backward: pages from the
// start of following down to the retention, newest first, so that the short windows are complete
// first. Each cycle ZCOUNT tells whether what is known still agrees with Redis. Fewer members
// there: Redis was emptied or replaced. More for two cycles: arrivals later than the overlap.
// Either way the set is read again from scratch, at most once a minute unless Redis has none at
// all, or another server may be answering: then any difference is enough.
//
// Across a restart, members that were handed out before are told from new ones by their score,
// where all earlier ones had been handed out, and by their hash above that. In doubt a member is
// not new: what arrives too late for the overlap is missed by a counter rather than counted twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/redis/wire/reply.h"

namespace chatscale::redis {

struct ScoredMember {
  double score = 0;         // Unix seconds
  std::string_view member;  // valid while the reply lives
  // Later than the first step, and never handed out before, restarts included: to be counted.
  bool is_new = false;
};

class ZsetFollower {
 public:
  explicit ZsetFollower(double retention_seconds) : retention_(retention_seconds) {}

  struct News {  // what one step learned; ascending by score, equal scores in Redis' order
    std::vector<ScoredMember> earlier;  // all before anything known
    std::vector<ScoredMember> later;    // not seen before; may lie between known ones
  };

  // Adds the commands of the next step at `now` (Unix seconds); `page` bounds a reply's members.
  void AddCommands(const std::string& key, double now, std::size_t page, Pipeline& pipeline);
  // Takes the replies to exactly those commands, from `next_reply` on.
  News Apply(const std::vector<Reply>& replies, std::size_t& next_reply);

  // The range that was counted in Redis, from <= score < to; nullopt when it was not.
  struct Range {
    double from = 0, to = 0;
  };
  std::optional<Range> CountedRange() const;
  // `known` members have been handed out in the counted range. True: forget them all, this starts
  // again from scratch.
  bool MustRestart(std::size_t known);

  // The connection was lost and made anew: the server may be another one, with other members.
  void ServerMayDiffer() { doubtful_ = true; }

  // More pages are waiting: another step in the same cycle is worth while.
  bool NeedsMore() const { return !unreadable_ && (forward_full_ || !backfilled_); }
  // Every member with score >= CompleteSince() has been read; +infinity before the first step.
  double CompleteSince() const;
  // No member with a lower score will be handed out as `later` any more.
  double settled_before() const { return cursor_; }
  // Reads no further back than it has: the caller has no room for more.
  void StopBackfill();
  // The key holds another type: nothing is known.
  bool unreadable() const { return unreadable_; }

 private:
  void Restart();
  std::size_t MembersAsked(std::size_t growth) const;
  bool CanGrow(std::size_t growth) const;
  bool IsNew(double score, std::uint64_t hash) const;
  void ApplyForward(ReplyView reply, News& news);
  void ApplyBackward(ReplyView reply, News& news);

  double retention_;
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
  double backfilled_to_ = 0;  // all from here on is known; the next page ends before it
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
