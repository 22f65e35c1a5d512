#include "exporter/redis/jobs.h"

#include "absl/strings/str_cat.h"
#include "exporter/model/error_kind.h"
#include "exporter/redis/queues.h"
#include "exporter/redis/wire/reply.h"

namespace chatscale::redis {
namespace {

constexpr std::string_view kGroup = "kdcube-background-jobs.v1";
// Bound of XRANGE, as entries hold whole jobs: enough to see that many wait.
constexpr std::string_view kMostListed = "100";
// Time until a retry: without permission, and where no stream exists.
constexpr double kDeniedSeconds = 600, kAbsentSeconds = 60;

bool IsNoSuchKey(ReplyView reply) {
  return reply.IsError() && reply.Text()->starts_with("ERR no such key");
}

// The value of a field in XINFO GROUPS' flat list of names and values.
std::optional<ReplyView> FieldOf(ReplyView group, std::string_view name) {
  for (std::size_t i = 0; i + 1 < group.size(); i += 2) {
    if (group[i].Text() == name) return group[i + 1];
  }
  return std::nullopt;
}

MaybeNumber NumberOf(std::optional<ReplyView> reply) {
  const auto number = reply ? reply->Integer() : std::nullopt;
  if (!number || *number < 0) return std::nullopt;
  return static_cast<double>(*number);
}

std::string TextOf(std::optional<ReplyView> reply) {
  return std::string(reply ? reply->Text().value_or("") : "");
}

}  // namespace

void JobReader::AddGroupCommands(double now, Pipeline& pipeline) {
  now_ = now;
  pipeline.Add({"GET", keys_.AdmittedCounter()});
  requested_ = now >= not_before_;
  if (!requested_) return;
  for (const char* queue : kJobQueueNames) pipeline.Add({"XINFO", "GROUPS", keys_.Jobs(queue)});
}

void JobReader::ParseGroupReplies(ReplyStream& replies, ReplyFaults& faults) {
  const ReplyView counter = replies.Next(faults);
  const MaybeNumber count = counter.IsNil()     ? MaybeNumber(0.0)
                            : counter.IsError() ? std::nullopt
                                                : ParseCount(counter.Text().value_or("-"));
  if (!count && !counter.IsError()) ++faults.malformed;
  if (count) {
    const bool went_on = counter_ && *count >= *counter_;
    if (counter_) admitted_ = admitted_.value_or(0) + (went_on ? *count - *counter_ : *count);
    if (!admitted_) admitted_ = 0;
    counter_ = count;
  }
  if (!requested_) return;
  std::size_t absent = 0;
  for (Stream& stream : streams_) {
    stream = {};
    ReplyFaults own;  // apart: a missing permission is no fault of the target
    const ReplyView groups = replies.Next(own);
    if (groups.IsError()) {
      if (IsNoSuchKey(groups)) {
        stream.waiting = stream.claimed = 0;
        ++absent;
      } else if (KindOfReply(*groups.Text()) == ErrorKind::kPermission) {
        not_before_ = now_ + kDeniedSeconds;
      } else {
        faults.malformed += own.malformed;
      }
      continue;
    }
    stream.claimed = 0;
    stream.ask_length = true;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (TextOf(FieldOf(groups[i], "name")) != kGroup) continue;
      stream.ask_length = false;
      stream.claimed = NumberOf(FieldOf(groups[i], "pending"));
      stream.waiting = NumberOf(FieldOf(groups[i], "lag"));
      if (!stream.waiting) stream.ask_after = TextOf(FieldOf(groups[i], "last-delivered-id"));
    }
  }
  if (absent == streams_.size()) not_before_ = now_ + kAbsentSeconds;
}

void JobReader::AddRemainingCommands(Pipeline& pipeline) const {
  if (!requested_) return;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    const Stream& stream = streams_[i];
    const std::string key = keys_.Jobs(kJobQueueNames[i]);
    if (stream.ask_length) pipeline.Add({"XLEN", key});
    if (!stream.ask_after.empty()) {
      pipeline.Add({"XRANGE", key, absl::StrCat("(", stream.ask_after), "+", "COUNT", kMostListed});
    }
  }
}

void JobReader::ParseRemainingReplies(ReplyStream& replies, ReplyFaults& faults) {
  if (!requested_) return;
  for (Stream& stream : streams_) {
    if (!stream.ask_length && stream.ask_after.empty()) continue;
    ReplyFaults own;
    const ReplyView reply = replies.Next(own);
    if (reply.IsError()) {
      faults.malformed += own.malformed;
    } else {
      stream.waiting =
          stream.ask_length ? NumberOf(reply) : MaybeNumber(static_cast<double>(reply.size()));
    }
  }
}

void JobReader::Fill(TargetState& state) const {
  state.jobs_waiting = state.jobs_claimed = 0;
  for (const Stream& stream : streams_) {
    if (!stream.waiting) state.jobs_waiting.reset();
    if (!stream.claimed) state.jobs_claimed.reset();
    if (state.jobs_waiting) *state.jobs_waiting += *stream.waiting;
    if (state.jobs_claimed) *state.jobs_claimed += *stream.claimed;
  }
  state.counts.admitted_tasks = admitted_;
}

}  // namespace chatscale::redis
