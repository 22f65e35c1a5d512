#include "exporter/redis/queues.h"

#include <charconv>
#include <cmath>

#include "exporter/model/snapshot.h"
#include "exporter/redis/json_values.h"
#include "exporter/redis/wire/reply.h"

namespace chatscale::redis {

namespace {

void ReadNumber(const simdjson::dom::element& field, double most, MaybeNumber& target,
                int& malformed) {
  target = NumberIn(field);
  if (target.has_value() && (*target < 0 || *target > most)) target.reset();
  if (!target.has_value()) ++malformed;
}

}  // namespace

MaybeNumber SizeOf(const Queues& queues, UserType type) {
  const auto i = static_cast<std::size_t>(type);
  if (!queues.ready[i] || !queues.in_flight[i] || !queues.mailbox[i]) return std::nullopt;
  return *queues.ready[i] + *queues.in_flight[i] + *queues.mailbox[i];
}

MaybeNumber SumOf(const PerUserType<MaybeNumber>& sizes) {
  double sum = 0;
  for (const MaybeNumber& size : sizes) {
    if (!size) return std::nullopt;
    sum += *size;
  }
  return sum;
}

MaybeNumber TotalOf(const Queues& queues) {
  PerUserType<MaybeNumber> sizes;
  for (std::size_t i = 0; i < kUserTypeCount; ++i) sizes[i] = SizeOf(queues, UserType{i});
  return SumOf(sizes);
}

MaybeNumber ParseCount(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  if (text.empty()) return 0.0;
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(kSpace) - first + 1);
  long long count = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, count);
  if (parsed.ec != std::errc() || parsed.ptr != end || count < 0) return std::nullopt;
  const auto number = static_cast<double>(count);
  if (number > kMostCount) return std::nullopt;
  return number;
}

QueueAnalytics ParseAnalytics(TolerantParser& parser, std::string_view json, int& malformed) {
  QueueAnalytics analytics;
  const auto root = parser.Parse(json);
  simdjson::dom::object fields;
  if (!root.has_value() || root->get(fields) != simdjson::SUCCESS) {
    ++malformed;
    return analytics;
  }
  for (const auto [name, field] : fields) {
    if (name == "avg_wait_time") {
      ReadNumber(field, kLongestSeconds, analytics.avg_wait_seconds, malformed);
    }
    if (name == "throughput_last_hour") {
      ReadNumber(field, kMostCount, analytics.throughput, malformed);
    }
  }
  return analytics;
}

namespace {

// `meta.created_at` of a task payload.
MaybeNumber ParseTaskCreated(TolerantParser& parser, std::string_view json) {
  const auto root = parser.Parse(json);
  if (!root.has_value()) return std::nullopt;
  simdjson::dom::element created;
  if (root->at_pointer("/meta/created_at").get(created) != simdjson::SUCCESS) return std::nullopt;
  return NumberIn(created);
}

MaybeNumber LengthIn(ReplyView reply) {
  const auto length = reply.Integer();
  return length ? MaybeNumber(static_cast<double>(*length)) : std::nullopt;
}

MaybeNumber MailboxIn(ReplyView reply, ReplyFaults& faults) {
  if (reply.IsNil()) return 0.0;
  if (reply.IsError()) return std::nullopt;
  const MaybeNumber count = ParseCount(reply.Text().value_or(""));
  if (!count) ++faults.malformed;
  return count;
}

}  // namespace

void AddQueueCommands(const KeySpace& keys, Pipeline& pipeline) {
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    const UserType type{u};
    const std::string ready = keys.Ready(type);
    pipeline.Add({"LLEN", ready});
    pipeline.Add({"LLEN", keys.InFlight(type)});
    pipeline.Add({"GET", keys.Mailbox(type)});
    pipeline.Add({"GET", keys.Analytics(type)});
  }
}

Queues ParseQueueReplies(TolerantParser& parser, ReplyStream& replies, TargetFaults& faults) {
  Queues out;
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    out.ready[u] = LengthIn(replies.Next(faults.proc));
    out.in_flight[u] = LengthIn(replies.Next(faults.proc));
    out.mailbox[u] = MailboxIn(replies.Next(faults.proc), faults.proc);
    const ReplyView analytics = replies.Next(faults.other);
    if (const auto json = analytics.Text(); json && !analytics.IsError()) {
      out.analytics[u] = ParseAnalytics(parser, *json, faults.other.malformed);
    }
  }
  return out;
}

// The head is unchanged while the queue does not shrink and as many tasks are in flight.
void HeadReader::Observe(const Queues& queues, double now) {
  now_ = now;
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    std::optional<Oversized>& known = oversized_[u];
    if (!known) continue;
    const double ready = queues.ready[u].value_or(known->ready);
    const double in_flight = queues.in_flight[u].value_or(known->in_flight);
    const bool same = ready > 0 && ready >= known->ready && in_flight == known->in_flight;
    if (!same || now - known->seen_at >= kForgetSeconds) {
      known.reset();
    } else {
      known->ready = ready;
    }
  }
}

bool HeadReader::Wanted(const Queues& queues, std::size_t user) const {
  return now_ >= not_before_ && queues.ready[user].value_or(0) > 0 && !oversized_[user];
}

bool HeadReader::Wanted(const Queues& queues) const {
  bool any = false;
  for (std::size_t u = 0; u < kUserTypeCount; ++u) any = any || Wanted(queues, u);
  return any;
}

void HeadReader::AddCommands(const KeySpace& keys, const Queues& queues, Pipeline& pipeline) {
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    requested_[u] = Wanted(queues, u);
    if (requested_[u])
      pipeline.Add({"LINDEX", keys.Ready(UserType{u}), "-1"});  // the list's right end
  }
}

void HeadReader::ParseReplies(const Queues& queues, TolerantParser& parser, ReplyStream& replies,
                              TargetFaults& faults, PerUserType<MaybeNumber>& created) {
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    if (!requested_[u]) continue;
    const ReplyView head = replies.Next(faults.other);
    const auto text = head.Text();
    if (!text) continue;
    if (head.IsError()) {
      if (KindOfReply(*text) == ErrorKind::kTooLarge) {
        oversized_[u] = {*queues.ready[u], queues.in_flight[u].value_or(0), now_};
      }
      continue;
    }
    created[u] = ParseTaskCreated(parser, *text);
    if (created[u] && std::abs(now_ - *created[u]) > kOldestSeconds) created[u].reset();
    if (!created[u]) ++faults.proc.malformed;
  }
}

int HeadReader::oversized() const {
  int count = 0;
  for (const auto& one : oversized_) count += one.has_value() ? 1 : 0;
  return count;
}

}  // namespace chatscale::redis
