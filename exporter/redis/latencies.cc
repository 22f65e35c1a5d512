#include "exporter/redis/latencies.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include "exporter/redis/target_state.h"

namespace chatscale::redis {

namespace {

constexpr double kClockSkew = 1000;  // milliseconds

// Milliseconds, a finite number as Python reads one; NaN for anything else. Values down to
// -kClockSkew are 0: the clocks of two hosts differ.
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

void RollingSeries::Apply(const std::vector<Reply>& replies, std::size_t& next_reply) {
  if (!follower_.requested()) return;
  const ZsetFollower::NewMembers new_members = follower_.Apply(replies, next_reply);
  const auto sample_of = [this](const ScoredMember& m) {
    const Sample sample{m.score, ValueOf(m.member)};
    if (std::isnan(sample.value) && unreadable_.size() < kMostUnreadable) {
      unreadable_.push_back(sample.time);
    }
    if (m.is_new) Count(sample.value);
    return sample;
  };
  std::vector<Sample> earlier;
  earlier.reserve(new_members.earlier.size());
  for (const ScoredMember& m : new_members.earlier) earlier.push_back(sample_of(m));
  if (!earlier.empty()) settled_.Prepend(earlier);
  if (!new_members.later.empty()) {
    for (const ScoredMember& m : new_members.later) recent_.push_back(sample_of(m));
    std::stable_sort(recent_.begin(), recent_.end(), Earlier);
  }
  const auto open = std::lower_bound(recent_.begin(), recent_.end(),
                                     Sample{follower_.settled_before(), 0}, Earlier);
  for (auto sample = recent_.begin(); sample != open; ++sample) settled_.Append(*sample);
  recent_.erase(recent_.begin(), open);
  settled_.DropBefore(follower_.now() - kWindowSeconds.back());
  std::erase_if(unreadable_,
                [this](double time) { return time < follower_.now() - kWindowSeconds.back(); });

  if (const auto first = settled_.KeepNewest(kMostSamples)) {
    forgotten_before_ = std::nextafter(*first, follower_.now());
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
    const double from = follower_.now() - kWindowSeconds[w];
    if (std::max(follower_.CompleteSince(), forgotten_before_) > from) break;
    scratch.clear();
    scratch.reserve(settled_.Count(from, follower_.now()) + recent_.size());
    settled_.Collect(from, follower_.now(), scratch);
    for (const Sample& sample : recent_) {
      if (sample.time >= from && sample.time <= follower_.now()) scratch.push_back(sample.value);
    }
    std::erase_if(scratch, [](double value) { return std::isnan(value); });
    out[w] = PercentilesOf(scratch);
  }
  return out;
}

RollingSeries::Unreadable RollingSeries::unreadable() const {
  Unreadable out;
  for (const double time : unreadable_) {
    if (time > follower_.now()) continue;
    out.minute += time >= follower_.now() - kWindowSeconds.front() ? 1 : 0;
    ++out.hour;
  }
  return out;
}

std::size_t RollingSeries::MemoryBytes() const {
  return settled_.MemoryBytes() + recent_.capacity() * sizeof(Sample);
}

Latencies::Latencies(const KeySpace& keys)
    : wait_(keys.Metric("task_queue_wait_ms:proc")),
      exec_(keys.Metric("task_exec_ms:proc")),
      rest_(keys.Metric("ingress_rest_ms:ingress")) {}

void Latencies::AddCommands(double now, std::size_t page, Pipeline& pipeline) {
  for (RollingSeries* series : {&wait_, &exec_, &rest_}) series->AddCommands(now, page, pipeline);
}

void Latencies::AddBackfillCommands(Pipeline& pipeline) {
  for (RollingSeries* series : {&wait_, &exec_, &rest_}) series->AddBackfillCommands(pipeline);
}

void Latencies::ParseReplies(ReplyStream& replies, TargetFaults& faults) {
  const auto parse = [&replies](RollingSeries& series, ReplyFaults& of_service) {
    replies.Pass(of_service, [&](const std::vector<Reply>& all, std::size_t& next) {
      series.Apply(all, next);
    });
  };
  parse(wait_, faults.proc);
  parse(exec_, faults.proc);
  parse(rest_, faults.ingress);
}

bool Latencies::NeedsMore() const {
  return wait_.NeedsMore() || exec_.NeedsMore() || rest_.NeedsMore();
}

void Latencies::OnReconnect() {
  for (RollingSeries* series : {&wait_, &exec_, &rest_}) series->OnReconnect();
}

void Latencies::Fill(TargetState& state, std::vector<double>& scratch) const {
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
  state.counts.finished = exec_.counted();
  state.counts.wait = wait_.histogram();
  state.counts.exec = exec_.histogram();
}

std::size_t Latencies::MemoryBytes() const {
  return wait_.MemoryBytes() + exec_.MemoryBytes() + rest_.MemoryBytes();
}

}  // namespace chatscale::redis
