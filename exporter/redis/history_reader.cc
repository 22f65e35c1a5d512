#include "exporter/redis/history_reader.h"

#include <algorithm>
#include <utility>

#include "exporter/redis/queues.h"
#include "exporter/redis/throttling.h"

namespace chatscale::redis {
namespace {

constexpr int kHours = kThrottlePeriodHours.back() + 1;
// Largest difference of two time zones, in hours: writers name hours in their own zone (D19).
constexpr int kZonesApart = 14 + 12;
// Cycles between two probes for the writers' time zone.
constexpr int kProbeEvery = 40;

// Names of `count` hours, newest first, beginning `newest` hours after the present one.
std::vector<std::string> HourNames(double now, int newest, int count) {
  LocalHour hour;
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(count));
  for (int h = 0; h < count; ++h) {
    names.push_back(hour.Of(now + static_cast<double>(newest - h) * kHourSeconds));
  }
  return names;
}

}  // namespace

HistoryReader::HistoryReader(const KeySpace& keys)
    : wait_(keys.Metric("task_queue_wait_ms:proc")),
      exec_(keys.Metric("task_exec_ms:proc")),
      rest_(keys.Metric("ingress_rest_ms:ingress")),
      throttling_(keys.ThrottlingEvents()),
      requests_key_(keys.RequestsHourly()) {}

void HistoryReader::Ask(Pipeline& pipeline, bool only_unfinished) {
  const std::array series = {&wait_, &exec_, &rest_};
  for (std::size_t i = 0; i < series.size(); ++i) {
    asked_[i] = !only_unfinished || series[i]->NeedsMore();
    if (asked_[i]) series[i]->AddCommands(now_, page_, pipeline);
  }
  asked_.back() = !only_unfinished || throttling_.NeedsMore();
  if (asked_.back()) throttling_.AddCommands(now_, page_, pipeline);
}

void HistoryReader::AddCommands(double now, std::size_t page, Pipeline& pipeline) {
  now_ = now;
  page_ = page;
  Ask(pipeline, false);
}

void HistoryReader::OnReconnect() {
  for (RollingSeries* series : {&wait_, &exec_, &rest_}) series->OnReconnect();
  throttling_.OnReconnect();
}

void HistoryReader::AddBackfillCommands(Pipeline& pipeline) { Ask(pipeline, true); }

void HistoryReader::ParseReplies(TolerantParser& parser, ReplyStream& replies,
                                 TargetFaults& faults) {
  const std::array series = {&wait_, &exec_, &rest_};
  const std::array spoiled = {&faults.proc, &faults.proc, &faults.ingress};
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!asked_[i]) continue;
    replies.Pass(*spoiled[i], [&](const std::vector<Reply>& all, std::size_t& next) {
      series[i]->Apply(all, next);
    });
  }
  if (!asked_.back()) return;
  replies.Pass(faults.other, [&](const std::vector<Reply>& all, std::size_t& next) {
    throttling_.Apply(all, next, parser, faults.other.malformed);
  });
}

bool HistoryReader::NeedsMore() const {
  return wait_.NeedsMore() || exec_.NeedsMore() || rest_.NeedsMore() || throttling_.NeedsMore();
}

void HistoryReader::AddRequestCommands(Pipeline& pipeline) {
  probing_ = cycle_++ % kProbeEvery == 0;
  const int newest = probing_ ? kZonesApart : zone_hours_;
  std::vector<std::string_view> arguments = {"HMGET", requests_key_};
  hour_names_ = HourNames(now_, newest, probing_ ? kZonesApart + kZonesApart + kHours : kHours);
  arguments.insert(arguments.end(), hour_names_.begin(), hour_names_.end());
  pipeline.Add(arguments);
}

// Sets zone_hours_ from the hour in which requests are counted now: the newest that grew since the
// last probe; at the first probe, the newest ahead of our clock that has requests.
void HistoryReader::FindZone(const std::vector<double>& counts) {
  std::map<std::string, double> probed;
  bool found = false;
  for (std::size_t h = 0; h < counts.size(); ++h) {
    const int ahead = kZonesApart - static_cast<int>(h);
    const auto before = probed_.find(hour_names_[h]);
    const bool grew = probed_.empty() ? ahead > 0 && counts[h] > 0
                                      : counts[h] > (before == probed_.end() ? 0 : before->second);
    if (grew && !found) zone_hours_ = ahead;
    found = found || grew;
    probed.emplace(hour_names_[h], counts[h]);
  }
  probed_ = std::move(probed);
}

// Counts are per hour of the clock, periods are sliding: the oldest hour counts in part (D19).
void HistoryReader::ParseRequestReplies(ReplyStream& replies, ReplyFaults& faults) {
  requests_ = {};
  const ReplyView hours = replies.Next(faults);
  if (hours.size() != hour_names_.size()) return;
  std::vector<double> all;
  for (std::size_t h = 0; h < hours.size(); ++h) {
    const MaybeNumber count =
        hours[h].IsNil() ? MaybeNumber(0.0) : ParseCount(hours[h].Text().value_or("-"));
    if (!count) {
      ++faults.malformed;
      return;
    }
    all.push_back(*count);
  }
  if (probing_) FindZone(all);
  const auto present = static_cast<std::size_t>(probing_ ? kZonesApart - zone_hours_ : 0);
  const double partial = 1 - PassedPartOfHour(now_);
  double sum = 0;
  std::size_t period = 0;
  std::map<std::string, double> counts;
  for (int h = 0; h < kHours; ++h) {
    const std::size_t i = present + static_cast<std::size_t>(h);
    if (h == kThrottlePeriodHours[period]) requests_[period++] = sum + partial * all[i];
    sum += all[i];
    counts.emplace(hour_names_[i], all[i]);  // no-op for the hour repeated at the end of DST
  }
  CountAdmitted(std::move(counts));
}

// An hour whose count fell is of another Redis, or of one that lost its newest writes: only
// increases from there on are added.
void HistoryReader::CountAdmitted(std::map<std::string, double> hours) {
  double added = 0;
  for (const auto& [hour, count] : hours) {
    const auto before = hours_.find(hour);
    added += std::max(0.0, count - (before == hours_.end() ? 0 : before->second));
  }
  admitted_ = admitted_.has_value() ? *admitted_ + added : 0;
  hours_ = std::move(hours);
}

void HistoryReader::Fill(TargetState& state, std::vector<double>& scratch) const {
  state.wait_ms = wait_.Percentiles(scratch);
  state.exec_ms = exec_.Percentiles(scratch);
  state.rest_ms = rest_.Percentiles(scratch);
  // Those of the last minute affect the percentiles that rules use.
  const auto count = [&](const RollingSeries& series, int& of_service) {
    const RollingSeries::Unreadable unreadable = series.unreadable();
    of_service += unreadable.minute;
    state.malformed.other += unreadable.hour - unreadable.minute;
  };
  count(wait_, state.malformed.proc);
  count(exec_, state.malformed.proc);
  count(rest_, state.malformed.ingress);
  state.throttling = throttling_.Summary();
  state.requests = requests_;
  state.counts = {.admitted = admitted_,
                  .rate_limited = throttling_.rate_limited(),
                  .backpressured = throttling_.backpressured(),
                  .finished = exec_.counted(),
                  .wait = wait_.histogram(),
                  .exec = exec_.histogram()};
}

std::size_t HistoryReader::MemoryBytes() const {
  return wait_.MemoryBytes() + exec_.MemoryBytes() + rest_.MemoryBytes();
}

}  // namespace chatscale::redis
