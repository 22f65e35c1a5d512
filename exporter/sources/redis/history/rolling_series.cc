#include "exporter/sources/redis/history/rolling_series.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "exporter/model/snapshot.h"

namespace chatscale::redis {
namespace {

constexpr double kClockSkew = 1000;  // milliseconds

// Milliseconds, a finite number as Python reads one; NaN for anything else. Somewhat below zero it
// is zero: the clocks of two hosts disagree.
double NumberOf(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  const bool read = parsed.ec == std::errc() && parsed.ptr == end && value > -kClockSkew &&
                    value <= kLongestSeconds * 1000;
  return read ? std::max(value, 0.0) : std::numeric_limits<double>::quiet_NaN();
}

double ValueOf(std::string_view member) {
  const std::size_t colon = member.find(':');
  if (colon == std::string_view::npos) return std::numeric_limits<double>::quiet_NaN();
  const double value = NumberOf(member.substr(colon + 1));
  if (!std::isnan(value)) return value;
  // Rare: " 77 " and "1_000" are numbers to Python.
  std::string text(member.substr(colon + 1));
  std::erase(text, '_');
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return value;
  return NumberOf(std::string_view(text).substr(first, text.find_last_not_of(' ') - first + 1));
}

constexpr std::size_t kMostUnreadable = 1000;

bool Earlier(const Sample& a, const Sample& b) { return a.time < b.time; }

}  // namespace

void RollingSeries::AddCommands(double now, std::size_t page, Pipeline& pipeline) {
  now_ = now;
  follower_.AddCommands(key_, now, page, pipeline);
}

void RollingSeries::Apply(const std::vector<Reply>& replies, std::size_t& next_reply) {
  const ZsetFollower::News news = follower_.Apply(replies, next_reply);
  const auto sample_of = [this](const ScoredMember& m) {
    const Sample sample{m.score, ValueOf(m.member)};
    if (std::isnan(sample.value) && unreadable_.size() < kMostUnreadable) {
      unreadable_.push_back(sample.time);
    }
    if (m.is_new) Count(sample.value);
    return sample;
  };
  std::vector<Sample> earlier;
  earlier.reserve(news.earlier.size());
  for (const ScoredMember& m : news.earlier) earlier.push_back(sample_of(m));
  if (!earlier.empty()) settled_.Prepend(earlier);
  if (!news.later.empty()) {
    for (const ScoredMember& m : news.later) recent_.push_back(sample_of(m));
    std::stable_sort(recent_.begin(), recent_.end(), Earlier);
  }
  const auto open = std::lower_bound(recent_.begin(), recent_.end(),
                                     Sample{follower_.settled_before(), 0}, Earlier);
  for (auto sample = recent_.begin(); sample != open; ++sample) settled_.Append(*sample);
  recent_.erase(recent_.begin(), open);
  settled_.DropBefore(now_ - kWindowSeconds.back());
  std::erase_if(unreadable_, [this](double time) { return time < now_ - kWindowSeconds.back(); });

  if (const auto first = settled_.KeepNewest(kMostSamples)) {
    forgotten_before_ = std::nextafter(*first, now_);
    follower_.StopBackfill();
  }

  const auto counted = follower_.CountedRange();
  if (counted && counted->from < forgotten_before_) return;
  if (counted && follower_.MustRestart(Known(counted->from, counted->to))) {
    settled_.Clear();
    recent_.clear();
    unreadable_.clear();
    forgotten_before_ = 0;
  }
}

void RollingSeries::Count(double milliseconds) {
  constexpr double kPerMille = 0.001;
  counted_ += 1;
  if (!std::isnan(milliseconds)) histogram_.Add(milliseconds * kPerMille);
}

std::size_t RollingSeries::Known(double from, double to) const {
  std::size_t known =
      settled_.Count(from, std::nextafter(to, -std::numeric_limits<double>::infinity()));
  for (const Sample& sample : recent_) known += sample.time >= from && sample.time < to ? 1 : 0;
  return known;
}

WindowPercentiles RollingSeries::Percentiles(std::vector<double>& scratch) const {
  WindowPercentiles out;
  if (follower_.unreadable()) return out;
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    const double from = now_ - kWindowSeconds[w];
    if (std::max(follower_.CompleteSince(), forgotten_before_) > from) break;
    scratch.clear();
    scratch.reserve(settled_.Count(from, now_) + recent_.size());
    settled_.Collect(from, now_, scratch);
    for (const Sample& sample : recent_) {
      if (sample.time >= from && sample.time <= now_) scratch.push_back(sample.value);
    }
    std::erase_if(scratch, [](double value) { return std::isnan(value); });
    out[w] = PercentilesOf(scratch);
  }
  return out;
}

RollingSeries::Unreadable RollingSeries::unreadable() const {
  Unreadable out;
  for (const double time : unreadable_) {
    if (time > now_) continue;
    out.minute += time >= now_ - kWindowSeconds.front() ? 1 : 0;
    ++out.hour;
  }
  return out;
}

std::size_t RollingSeries::MemoryBytes() const {
  return settled_.MemoryBytes() + recent_.capacity() * sizeof(Sample);
}

}  // namespace chatscale::redis
