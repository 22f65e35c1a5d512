#include "exporter/loop/poll_loop.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "exporter/log/log.h"
#include "exporter/loop/process_stats.h"

namespace chatscale {
namespace {

// Room for every series of this many targets; one target has about 170.
constexpr std::size_t kSeriesPerTarget = 500;

// "tenant/project"; "default" when the source does not say whose figures it has.
std::string NameOf(const Target& target) {
  if (target == Target{}) return "default";
  return target.tenant + "/" + target.project;
}

void LogTransition(const SourceTransition& change) {
  if (change.up) {
    Log(LogLevel::kInfo, "source up",
        {{"source", change.source}, {"target", NameOf(change.target)}});
  } else {
    Log(LogLevel::kWarning, "source down",
        {{"source", change.source},
         {"target", NameOf(change.target)},
         {"kind", std::string(ErrorKindName(change.kind))},
         {"error", change.message}});
  }
}

}  // namespace

PollLoop::PollLoop(PollLoopOptions options, SnapshotSource* source, const Clock* clock)
    : options_(std::move(options)), source_(source), clock_(clock) {
  auto view = std::make_shared<View>();
  view->mode = options_.mode;
  view->built_at = clock_->Now();
  view->process = ReadProcessStats();
  Publish(std::move(view));
}

PollLoop::~PollLoop() {
  Stop(absl::ZeroDuration());
  if (thread_.joinable()) thread_.join();
}

void PollLoop::Start() {
  {
    absl::MutexLock lock(&mutex_);
    running_ = true;
  }
  thread_ = std::thread([this] {
    Run();
    absl::MutexLock lock(&mutex_);
    running_ = false;
  });
}

bool PollLoop::Stop(absl::Duration grace) {
  const auto ended = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !running_; };
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  return mutex_.AwaitWithTimeout(absl::Condition(&ended), grace);
}

void PollLoop::Run() {
  // Ticks keep their beat on the steady clock: the wall clock may be set.
  using Steady = std::chrono::steady_clock;
  const auto interval = absl::ToChronoNanoseconds(options_.interval);
  auto next = Steady::now();
  while (true) {
    Collect();
    next = std::max(next + interval, Steady::now());
    absl::MutexLock lock(&mutex_);
    const auto due = [this]()
                         ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return wanted_ || stopping_; };
    mutex_.AwaitWithTimeout(absl::Condition(&due), absl::FromChrono(next - Steady::now()));
    if (stopping_) return;
    if (wanted_) next = Steady::now();  // asked for: the beat starts anew
    wanted_ = false;
  }
}

void PollLoop::Collect() {
  const std::vector<TargetReading> readings = source_->Take(clock_->Now(), options_.timeout);
  auto view = std::make_shared<View>();
  view->built_at = clock_->Now();
  view->mode = options_.mode;
  view->targets = Hold(readings, view->built_at);
  view->process = ReadProcessStats();
  if (options_.http_stats) view->http = options_.http_stats();
  view->dropped_series = dropped_;
  Publish(std::move(view));
}

std::vector<TargetView> PollLoop::Hold(const std::vector<TargetReading>& readings, absl::Time now) {
  std::vector<TargetView> views;
  std::map<Target, HeldTarget> kept;  // targets that the source no longer lists are dropped
  for (const TargetReading& reading : readings) {
    auto node = held_.extract(reading.target);
    HeldTarget& held =
        kept.emplace(reading.target, node ? std::move(node.mapped()) : HeldTarget(reading.target))
            .first->second;
    for (const SourceTransition& change : held.Update(reading, now)) LogTransition(change);
    views.push_back(held.View(now, options_.max_age));
  }
  held_ = std::move(kept);
  return views;
}

void PollLoop::Publish(std::shared_ptr<const View> view) {
  SampleLimits limits;
  limits.series = std::max(limits.series, kSeriesPerTarget * view->targets.size());
  auto exposition = std::make_shared<const Exposition>(*view, limits);
  for (const auto& [reason, count] : exposition->dropped()) dropped_[reason] += count;
  absl::MutexLock lock(&mutex_);
  newest_ = {std::move(view), std::move(exposition)};
  ++rounds_;
  asked_.reset();
  wanted_ = false;  // those who asked meanwhile are served
}

Publication PollLoop::Read(absl::Duration ttl, absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  if (clock_->Now() - newest_.view->built_at > ttl) {
    wanted_ = true;
    const auto now = std::chrono::steady_clock::now();
    if (!asked_) asked_ = now;
    const std::uint64_t before = rounds_;
    const auto newer = [this, before]()
                           ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return rounds_ != before; };
    mutex_.AwaitWithTimeout(absl::Condition(&newer), patience - absl::FromChrono(now - *asked_));
  }
  if (clock_->Now() - newest_.view->built_at <= options_.max_age) return newest_;
  return Withheld(*newest_.view);
}

Publication PollLoop::Withheld(const View& stale) const {
  auto view = std::make_shared<View>(stale);
  for (TargetView& target : view->targets) {
    target.shown_at = clock_->Now();
    target.snapshot.reset();
    target.ingress_document = nullptr;
    target.proc_document = nullptr;
  }
  return {view, std::make_shared<const Exposition>(*view)};
}

}  // namespace chatscale
