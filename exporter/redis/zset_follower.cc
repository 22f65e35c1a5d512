#include "exporter/redis/zset_follower.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace chatscale::redis {
namespace {

constexpr double kMaxOverlapSeconds = 60;
constexpr double kFutureSeconds = 60;      // members further ahead are not read yet
constexpr double kTrimMarginSeconds = 60;  // writers trim by their own clocks
constexpr double kRestartEverySeconds = 60;
constexpr std::size_t kMaxGrowth = 16;
// Bound of one reply, whatever the growth: eight of them stay well below ReplyFilter's bound.
constexpr std::size_t kMaxMembers = 20'000;

std::string Text(double number) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), number).ptr};
}

std::optional<double> ScoreOf(ReplyView reply) {
  const auto text = reply.Text();
  if (!text.has_value()) return std::nullopt;
  double score = 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), score);
  if (parsed.ec != std::errc() || !std::isfinite(score)) return std::nullopt;
  return score;
}

// Members of a reply WITHSCORES, in its order. An oversized member (an error reply) is left out.
std::vector<ScoredMember> MembersOf(ReplyView reply) {
  std::vector<ScoredMember> members;
  members.reserve(reply.size() / 2);
  for (std::size_t i = 0; i + 1 < reply.size(); i += 2) {
    const auto score = ScoreOf(reply[i + 1]);
    if (!score.has_value() || reply[i].IsError()) continue;
    members.push_back({.score = *score, .member = reply[i].Text().value_or("")});
  }
  return members;
}

std::uint64_t HashOf(const ScoredMember& member) {
  const std::uint64_t score = std::hash<double>()(member.score);
  return std::hash<std::string_view>()(member.member) ^ (score * 0x9E3779B97F4A7C15ULL);
}

bool Same(double a, double b) { return !(a < b) && !(a > b); }

}  // namespace

double ZsetFollower::CompleteSince() const {
  if (!started_) return std::numeric_limits<double>::infinity();
  const bool whole = backfilled_ && !backfill_stopped_;
  return whole ? -std::numeric_limits<double>::infinity() : backfilled_to_;
}

void ZsetFollower::StopBackfill() {
  if (!backfilled_) backfilled_ = backfill_stopped_ = true;
}

std::size_t ZsetFollower::PageMembers(std::size_t growth) const {
  return std::min(page_ * growth, std::max(page_, kMaxMembers));
}

bool ZsetFollower::CanGrow(std::size_t growth) const {
  return growth < kMaxGrowth && PageMembers(2 * growth) > PageMembers(growth);
}

bool ZsetFollower::IsNew(double score, std::uint64_t hash) const {
  return score >= new_from_ && !handed_out_.contains(hash);
}

void ZsetFollower::Restart() {
  started_ = false;
  new_from_ = std::max(new_from_, cursor_);
  handed_out_.insert(seen_.begin(), seen_.end());
  seen_.clear();
  newest_ = 0;
  forward_full_ = backfilled_ = backfill_stopped_ = false;
  forward_growth_ = backward_growth_ = 1;
  surplus_cycles_ = 0;
  last_restart_ = now_;
}

void ZsetFollower::AddCommands(double now, std::size_t page, Pipeline& pipeline) {
  now_ = now;
  page_ = page;
  requested_ = true;
  AddStep(pipeline);
}

void ZsetFollower::AddBackfillCommands(Pipeline& pipeline) {
  requested_ = NeedsMore();
  if (requested_) AddStep(pipeline);
}

void ZsetFollower::AddStep(Pipeline& pipeline) {
  if (new_from_ <= 0) new_from_ = now_;
  if (!started_) {
    started_ = true;
    backfilled_to_ = cursor_ = now_ - overlap_seconds_;
  }
  pipeline.Add({"ZRANGEBYSCORE", key_, Text(cursor_), Text(now_ + kFutureSeconds), "WITHSCORES",
                "LIMIT", "0", std::to_string(PageMembers(forward_growth_))});
  asked_backward_ = !backfilled_;
  if (asked_backward_) {
    pipeline.Add({"ZREVRANGEBYSCORE", key_, "(" + Text(backfilled_to_), Text(now_ - retention_),
                  "WITHSCORES", "LIMIT", "0", std::to_string(PageMembers(backward_growth_))});
  }
  counted_ = {.from = std::max(now_ - retention_ + kTrimMarginSeconds, CompleteSince()),
              .to = now_ - overlap_seconds_};
  asked_count_ = counted_.from < counted_.to;
  if (asked_count_) pipeline.Add({"ZCOUNT", key_, Text(counted_.from), "(" + Text(counted_.to)});
}

ZsetFollower::NewMembers ZsetFollower::Apply(const std::vector<Reply>& replies,
                                             std::size_t& next_reply) {
  NewMembers new_members;
  ApplyForward(replies[next_reply++].view(), new_members);
  if (asked_backward_) ApplyBackward(replies[next_reply++].view(), new_members);
  count_in_redis_.reset();
  if (asked_count_) {
    const auto count = replies[next_reply++].view().Integer();
    if (count.has_value() && !forward_full_) count_in_redis_ = static_cast<std::size_t>(*count);
  }
  return new_members;
}

void ZsetFollower::ApplyForward(ReplyView reply, NewMembers& new_members) {
  unreadable_ = !reply.IsArray();
  if (unreadable_) return;
  const std::size_t requested = PageMembers(forward_growth_);
  const std::vector<ScoredMember> members = MembersOf(reply);
  for (const ScoredMember& member : members) {
    const std::uint64_t hash = HashOf(member);
    if (seen_.emplace(hash, member.score).second) {
      new_members.later.push_back(member);
      new_members.later.back().is_new = IsNew(member.score, hash);
    }
    newest_ = std::max(newest_, member.score);
  }
  forward_full_ = reply.size() / 2 >= requested;
  const bool one_score = !members.empty() && Same(members.front().score, members.back().score);
  if (forward_full_ && one_score) {
    if (CanGrow(forward_growth_)) {
      forward_growth_ *= 2;
    } else {  // too many equal scores for one page: skip them
      cursor_ = std::nextafter(members.back().score, std::numeric_limits<double>::infinity());
      forward_growth_ = 1;
    }
    return;
  }
  forward_growth_ = 1;
  const double wanted = forward_full_ && !members.empty()
                            ? members.back().score
                            : std::min(newest_, now_) - overlap_seconds_;
  cursor_ = std::max(cursor_, wanted);
  const auto passed = [this](const auto& item) { return item.second < cursor_; };
  absl::erase_if(seen_, passed);
  if (backfilled_) absl::erase_if(handed_out_, passed);
}

void ZsetFollower::ApplyBackward(ReplyView reply, NewMembers& new_members) {
  if (!reply.IsArray()) return;
  const std::size_t requested = PageMembers(backward_growth_);
  std::vector<ScoredMember> members = MembersOf(reply);
  const bool full = reply.size() / 2 >= requested;
  if (full && !members.empty()) {
    // The next page may have more members of this page's lowest score: leave that score to it.
    const double lowest = members.back().score;
    if (Same(members.front().score, lowest) && CanGrow(backward_growth_)) {
      backward_growth_ *= 2;
      return;
    }
    if (!Same(members.front().score, lowest)) {
      while (Same(members.back().score, lowest)) members.pop_back();
    }
    backward_growth_ = 1;
    backfilled_to_ = members.back().score;
  } else {
    backfilled_ = true;
  }
  for (ScoredMember& member : members) {
    member.is_new = member.score >= new_from_ && IsNew(member.score, HashOf(member));
  }
  new_members.earlier.assign(members.rbegin(), members.rend());
}

std::optional<ZsetFollower::Range> ZsetFollower::CountedRange() const {
  if (!count_in_redis_.has_value()) return std::nullopt;
  return counted_;
}

bool ZsetFollower::MustRestart(std::size_t known) {
  if (!count_in_redis_.has_value()) return false;
  const std::size_t there = *count_in_redis_;
  surplus_cycles_ = there > known ? surplus_cycles_ + 1 : 0;
  const bool emptied = there == 0 && known > 0;
  const bool differs = there < known || surplus_cycles_ >= 2;
  const bool replaced = std::exchange(doubtful_, false) && there != known;
  if (!emptied && !replaced && !(differs && now_ - last_restart_ >= kRestartEverySeconds)) {
    return false;
  }
  if (there > known && !replaced)
    overlap_seconds_ = std::min(2 * overlap_seconds_, kMaxOverlapSeconds);
  Restart();
  return true;
}

}  // namespace chatscale::redis
