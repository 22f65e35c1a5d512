#include "exporter/redis/requests.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "exporter/redis/queues.h"
#include "exporter/redis/target_state.h"

namespace chatscale::redis {

namespace {

absl::CivilSecond LocalTime(double unix_seconds) {
  return absl::ToCivilSecond(absl::FromUnixSeconds(static_cast<std::int64_t>(unix_seconds)),
                             absl::LocalTimeZone());
}

}  // namespace

const std::string& LocalHour::Of(double unix_seconds) {
  if (unix_seconds >= begin_ && unix_seconds < end_) return name_;
  // Beyond 1e11 s from 1970 (about the year 5138) a time has no name.
  if (!(std::abs(unix_seconds) < 1e11)) unix_seconds = 0;
  name_ = absl::FormatTime("%Y-%m-%d_%H",
                           absl::FromUnixSeconds(static_cast<std::int64_t>(unix_seconds)),
                           absl::LocalTimeZone());
  begin_ = std::floor(unix_seconds) - kHourSeconds * PassedPartOfHour(std::floor(unix_seconds));
  end_ = begin_ + kHourSeconds;
  return name_;
}

double PassedPartOfHour(double unix_seconds) {
  const absl::CivilSecond local = LocalTime(unix_seconds);
  const double fraction = unix_seconds - std::floor(unix_seconds);
  return (local.minute() * 60 + local.second() + fraction) / kHourSeconds;
}

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

void AdmittedRequests::AddCommands(double now, Pipeline& pipeline) {
  now_ = now;
  probing_ = cycle_++ % kProbeEvery == 0;
  const int newest = probing_ ? kZonesApart : zone_hours_;
  std::vector<std::string_view> arguments = {"HMGET", key_};
  hour_names_ = HourNames(now_, newest, probing_ ? kZonesApart + kZonesApart + kHours : kHours);
  arguments.insert(arguments.end(), hour_names_.begin(), hour_names_.end());
  pipeline.Add(arguments);
}

// Sets zone_hours_ from the hour in which requests are counted now: the newest that grew since the
// last probe; at the first probe, the newest ahead of our clock that has requests.
void AdmittedRequests::FindZone(const std::vector<double>& counts) {
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
void AdmittedRequests::ParseReplies(ReplyStream& replies, ReplyFaults& faults) {
  periods_ = {};
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
    if (h == kThrottlePeriodHours[period]) periods_[period++] = sum + partial * all[i];
    sum += all[i];
    counts.emplace(hour_names_[i], all[i]);  // no-op for the hour repeated at the end of DST
  }
  CountAdmitted(std::move(counts));
}

// An hour whose count fell is of another Redis, or of one that lost its newest writes: only
// increases from there on are added.
void AdmittedRequests::CountAdmitted(std::map<std::string, double> hours) {
  double added = 0;
  for (const auto& [hour, count] : hours) {
    const auto before = hours_.find(hour);
    added += std::max(0.0, count - (before == hours_.end() ? 0 : before->second));
  }
  admitted_ = admitted_.has_value() ? *admitted_ + added : 0;
  hours_ = std::move(hours);
}

void AdmittedRequests::Fill(TargetState& state) const {
  state.requests = periods_;
  state.counts.admitted = admitted_;
}

}  // namespace chatscale::redis
