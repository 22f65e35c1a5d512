#include "exporter/redis/windows.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "exporter/model/snapshot.h"
#include "exporter/redis/latencies.h"
#include "exporter/redis/processes.h"

namespace chatscale::redis {

namespace {

constexpr double kMaxHoldSeconds = 300;

}  // namespace

void WeightedWindows::Seed(const std::vector<Sample>& ascending) {
  if (samples_.empty()) samples_.assign(ascending.begin(), ascending.end());
}

void WeightedWindows::Add(double now, double value) {
  if (!samples_.empty() && samples_.back().time >= now) return;
  samples_.push_back({now, value});
  // The last sample before the hour may hold into it.
  while (samples_.size() > 1 && samples_[1].time <= now - kWindowSeconds.back()) {
    samples_.pop_front();
  }
}

WindowMeans WeightedWindows::At(double now) const {
  WindowMeans out;
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    const double from = now - kWindowSeconds[w];
    double weighted = 0;
    double weight = 0;
    MaybeNumber last;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const Sample& sample = samples_[i];
      if (sample.time > now) break;
      const double next = i + 1 < samples_.size() ? std::min(samples_[i + 1].time, now) : now;
      const double until = std::min(next, sample.time + kMaxHoldSeconds);
      const double seconds = until - std::max(sample.time, from);
      if (sample.time >= from) last = sample.value;
      if (seconds <= 0) continue;
      weighted += sample.value * seconds;
      weight += seconds;
      if (w + 1 == kWindowCount) out.max = std::max(out.max.value_or(sample.value), sample.value);
    }
    if (last && w + 1 == kWindowCount) out.max = std::max(out.max.value_or(*last), *last);
    out.mean[w] = weight > 0 ? MaybeNumber(weighted / weight) : last;
  }
  return out;
}

namespace {

constexpr std::size_t kFirstIngressPool = 3;
constexpr std::size_t kFirstProcPool = kFirstIngressPool + 2 * kPoolCount;
constexpr int kMaxRecords = 2000;  // of one set: an hour of one sample every two seconds

// Nullopt when older than 2 h, or in the future: one ahead of the clock would keep out later ones.
std::optional<redis::Sample> RecordOf(std::string_view member, double most, double now) {
  redis::Sample sample;
  const char* end = member.data() + member.size();
  const auto time = std::from_chars(member.data(), end, sample.time);
  if (time.ec != std::errc() || time.ptr == end || *time.ptr != ':') return std::nullopt;
  const auto value = std::from_chars(time.ptr + 1, end, sample.value);
  const bool can_be = sample.time >= now - 2 * kWindowSeconds.back() && sample.time <= now + 1 &&
                      sample.value >= 0 && sample.value <= most;
  if (value.ec != std::errc() || value.ptr != end || !can_be) return std::nullopt;
  return sample;
}

}  // namespace

WindowReader::WindowReader(const KeySpace& keys) {
  for (const char* name : {"sse_connections:ingress", "queue_depth:proc", "queue_pressure:proc"}) {
    const bool ratio = std::string_view(name).starts_with("queue_pressure");
    recorded_.push_back({keys.Metric(name), ratio ? kMostFactor : kMostCount, {}});
  }
  for (const Service service : kServices) {
    const char* component = NameOf(service);
    for (const char* pool : kPoolNames) {
      recorded_.push_back(
          {keys.Metric(absl::StrCat("pool_in_use:", pool, ":", component)), kMostCount, {}});
      recorded_.push_back(
          {keys.Metric(absl::StrCat("pool_utilization:", component, ":", pool)), kMostFactor, {}});
    }
  }
}

void WindowReader::AddRecordCommands(double now, Pipeline& pipeline) {
  requested_ = !seeded_;
  asked_at_ = now;
  if (!requested_) return;
  const std::string from = absl::StrFormat("%.6f", now - kWindowSeconds.back());
  const std::string to = absl::StrFormat("%.6f", now);
  for (const Recorded& recorded : recorded_) {
    pipeline.Add(
        {"ZREVRANGEBYSCORE", recorded.key, to, from, "LIMIT", "0", absl::StrCat(kMaxRecords)});
  }
}

void WindowReader::ParseRecordReplies(ReplyStream& replies, ReplyFaults& faults) {
  if (!requested_) return;
  for (Recorded& recorded : recorded_) {
    const ReplyView members = replies.Next(faults);
    std::vector<redis::Sample> samples;
    for (std::size_t i = members.size(); i > 0; --i) {
      if (const auto sample =
              RecordOf(members[i - 1].Text().value_or(""), recorded.most, asked_at_)) {
        samples.push_back(*sample);
      } else {
        ++faults.malformed;
      }
    }
    std::sort(samples.begin(), samples.end(),
              [](const redis::Sample& a, const redis::Sample& b) { return a.time < b.time; });
    recorded.windows.Seed(samples);
  }
  seeded_ = true;
}

void WindowReader::Fill(TargetState& state) {
  const MaybeNumber total = TotalOf(state.queues);
  const double room = CapacityOf(state.processes, state.gateway->config).corrected;
  if (state.sse && state.sse_coverage.value_or(1) >= 1)
    recorded_[0].windows.Add(state.now, state.sse->connections);
  if (total) recorded_[1].windows.Add(state.now, *total);
  if (total && room > 0) recorded_[2].windows.Add(state.now, *total / room);
  state.windows.sse = recorded_[0].windows.At(state.now);
  state.windows.depth = recorded_[1].windows.At(state.now);
  state.windows.pressure = recorded_[2].windows.At(state.now);
  for (const Service service : kServices) SamplePools(service, state);
}

void WindowReader::SamplePools(Service service, TargetState& state) {
  const std::size_t first = service == Service::kIngress ? kFirstIngressPool : kFirstProcPool;
  const auto totals = PoolTotalsOf(GroupByInstance(state.processes, service));
  for (std::size_t p = 0; p < kPoolCount; ++p) {
    WeightedWindows& in_use = recorded_[first + 2 * p].windows;
    WeightedWindows& utilization = recorded_[first + 2 * p + 1].windows;
    if (totals[p].in_use) in_use.Add(state.now, *totals[p].in_use);
    if (const MaybeNumber ratio = totals[p].Utilization()) {
      utilization.Add(state.now, *ratio * 100);
    }
    state.windows.pools[service][p] = {.in_use = in_use.At(state.now),
                                       .utilization_percent = utilization.At(state.now)};
  }
}

}  // namespace chatscale::redis
