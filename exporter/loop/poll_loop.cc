#include "exporter/loop/poll_loop.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "exporter/files/log.h"
#include "exporter/model/build_info.h"

namespace chatscale {
namespace {

// Room for every series of this many targets; one target has about 400.
constexpr std::size_t kSeriesPerTarget = 500;

// Seconds, up to the age of a late cycle, in steps that distinguish a slow tenant from many.
const prometheus::Histogram::BucketBoundaries kCycleBuckets = {0.01, 0.05, 0.25, 1, 5, 15, 60};

FamilyOptions OptionsFor(const View& view, const PollLoopOptions& loop) {
  FamilyOptions options;
  options.naming = loop.naming;
  options.series = std::max(options.series, kSeriesPerTarget * view.targets.size());
  options.self = loop.self;
  return options;
}

// "tenant/project"; "default" when the source does not name its target.
std::string NameOf(const Target& target) {
  if (target == Target{}) return "default";
  return target.tenant + "/" + target.project;
}

void LogTransition(const SourceTransition& change, const std::string& whose) {
  if (change.up) {
    Log(LogLevel::kInfo, "source up", {{"source", change.source}, {"target", whose}});
  } else {
    Log(LogLevel::kWarning, "source down",
        {{"source", change.source},
         {"target", whose},
         {"kind", std::string(ErrorKindName(change.kind))},
         {"error", change.message}});
  }
}

// One line for many targets with the same transition, which would else flood the log.
void LogTransitions(const std::vector<SourceTransition>& changes) {
  constexpr std::size_t kSingly = 5;
  std::map<std::tuple<std::string, bool, ErrorKind>, std::vector<const SourceTransition*>> alike;
  for (const SourceTransition& change : changes) {
    alike[{change.source, change.up, change.kind}].push_back(&change);
  }
  for (const auto& [what, these] : alike) {
    const std::size_t singly = these.size() > kSingly ? 1 : these.size();
    for (std::size_t i = 0; i < singly; ++i) {
      std::string whose = NameOf(these[i]->target);
      if (singly < these.size()) absl::StrAppend(&whose, " and ", these.size() - 1, " more");
      LogTransition(*these[i], whose);
    }
  }
}

}  // namespace

PollLoop::PollLoop(PollLoopOptions options, SnapshotSource* source, const Clock* clock)
    : options_(std::move(options)),
      source_(source),
      clock_(clock),
      targets_(options_.self->Gauge("chat.exporter.targets").Add({})),
      targets_left_out_(options_.self->Gauge("chat.exporter.targets_left_out").Add({})),
      cycle_duration_(
          options_.self->Histogram("chat.exporter.cycle_duration_seconds").Add({}, kCycleBuckets)) {
  options_.self->Gauge("chat.exporter.build_info")
      .Add({{"version", kVersion}, {"revision", kRevision}, {"compiler", kCompiler}})
      .Set(1);
  options_.self->Gauge("chat.exporter.mode_info").Add({{"mode", options_.mode}}).Set(1);
  auto view = std::make_shared<View>();
  view->mode = options_.mode;
  view->built_at = clock_->Now();
  Publish(std::move(view));
  source_->SetProgress(&progress_);
  source_->SetEarly([this](TargetSample sample) { Build({std::move(sample)}); });
}

PollLoop::~PollLoop() {
  Stop(absl::ZeroDuration());
  if (thread_.joinable()) thread_.join();
}

void PollLoop::Start() {
  {
    const std::lock_guard lock(mutex_);
    running_ = true;
  }
  thread_ = std::thread([this] {
    Run();
    const std::lock_guard lock(mutex_);
    running_ = false;
    changed_.notify_all();
  });
}

bool PollLoop::Stop(absl::Duration grace) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, absl::ToChronoNanoseconds(grace), [this] { return !running_; });
}

void PollLoop::Run() {
  // Cycles are scheduled by the steady clock, as the wall clock may be set.
  using Steady = std::chrono::steady_clock;
  const auto interval = absl::ToChronoNanoseconds(options_.interval);
  auto next = Steady::now();
  while (true) {
    Collect();
    next = std::max(next + interval, Steady::now());
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, next, [this] { return wanted_ || stopping_; });
    if (stopping_) return;
    if (wanted_) next = Steady::now();  // a requested cycle: the interval restarts
    wanted_ = false;
  }
}

void PollLoop::Collect() {
  const Stopwatch begun;
  progress_.Begin();
  progress_.At("collect");
  Build(source_->Collect(clock_->Now(), options_.timeout));
  progress_.End();
  cycle_duration_.Observe(absl::ToDoubleSeconds(begun.Elapsed()));
  const std::lock_guard lock(mutex_);
  if (std::exchange(stall_logged_, false)) Log(LogLevel::kInfo, "the collection cycle has ended");
}

std::optional<std::string> PollLoop::Stalled() {
  const std::optional<Progress::Place> place = progress_.Now();
  if (!place || place->since_begin <= options_.longest_cycle) return std::nullopt;
  const std::string taken = absl::FormatDuration(absl::Trunc(place->since_begin, absl::Seconds(1)));
  const std::lock_guard lock(mutex_);
  if (!std::exchange(stall_logged_, true)) {
    Log(LogLevel::kError, "a collection cycle does not end; /-/healthy fails",
        {{"step", place->step},
         {"target", place->target == Target{} ? "all" : NameOf(place->target)},
         {"since", taken}});
  }
  return absl::StrCat("a cycle has not ended for ", taken, "; the log names the step");
}

void PollLoop::Build(const std::vector<TargetSample>& samples) {
  auto view = std::make_shared<View>();
  view->built_at = clock_->Now();
  view->mode = options_.mode;
  view->targets = Hold(samples, view->built_at);
  view->targets_left_out = source_->LeftOut();
  RecommendInPlace(*view);
  progress_.At("publish");
  const Publication made = Publish(std::move(view));
  progress_.At("hand to sinks and history");
  if (options_.published) options_.published(made);
  progress_.At("collect");
}

void PollLoop::RecommendInPlace(View& view) {
  if (options_.recommender == nullptr) return;
  for (TargetView& target : view.targets) {
    progress_.At("evaluate", target.target);
    target.recommendations = options_.recommender->Evaluate(target, view.built_at);
  }
  progress_.At("evaluate");
  const absl::Status files = options_.recommender->EndCycle(view.built_at);
  if (files == files_) return;
  files_ = files;
  if (files.ok()) {
    Log(LogLevel::kInfo, "state and decision files can be written again");
  } else {
    Log(LogLevel::kWarning, "state or decisions not written",
        {{"error", std::string(files.message())}});
  }
}

std::vector<TargetView> PollLoop::Hold(const std::vector<TargetSample>& samples, absl::Time now) {
  std::vector<TargetView> views;
  std::vector<SourceTransition> changes;
  std::map<Target, HeldTarget> kept;  // targets that the source no longer lists are dropped
  for (const TargetSample& sample : samples) {
    auto node = held_.extract(sample.target);
    HeldTarget& held =
        kept.emplace(sample.target, node ? std::move(node.mapped()) : HeldTarget(sample.target))
            .first->second;
    std::ranges::move(held.Update(sample, now), std::back_inserter(changes));
    views.push_back(held.View(now, options_.max_age));
  }
  LogTransitions(changes);
  held_ = std::move(kept);
  return views;
}

Publication PollLoop::Publish(std::shared_ptr<const View> view) {
  RenderedRows settled = Settled(*view);
  for (const auto& [reason, count] : settled.dropped) {
    options_.self->Counter("chat.exporter.series_dropped_total")
        .Add({{"reason", reason}})
        .Increment(static_cast<double>(count));
  }
  targets_.Set(static_cast<double>(view->targets.size()));
  targets_left_out_.Set(static_cast<double>(view->targets_left_out));
  options_.self->Gauge("chat.exporter.last_collection_timestamp_seconds")
      .Add({})
      .Set(absl::ToDoubleSeconds(view->built_at - absl::UnixEpoch()));
  Publication made = PublicationOf(std::move(view), std::move(settled.text));
  const std::lock_guard lock(mutex_);
  newest_ = made;
  ++cycles_;
  requested_at_.reset();
  wanted_ = false;  // requests made during the cycle are served by it
  changed_.notify_all();
  return made;
}

Publication PollLoop::Read(absl::Duration ttl, absl::Duration timeout) {
  std::unique_lock lock(mutex_);
  const bool old = !IsYoung(newest_.view->built_at, clock_->Now(), ttl);
  if (old) {
    wanted_ = true;
    changed_.notify_all();
  }
  if (old || FirstCyclePending()) {
    if (!requested_at_) requested_at_ = std::chrono::steady_clock::now();
    const auto give_up = *requested_at_ + absl::ToChronoNanoseconds(timeout);
    changed_.wait_until(lock, give_up,
                        [this, before = cycles_] { return cycles_ != before || stopping_; });
  }
  Publication newest = newest_;
  lock.unlock();
  if (IsYoung(newest.view->built_at, clock_->Now(), options_.max_age)) return newest;
  return Withheld(newest.view);
}

// Built once for each stale view; its live parts stay current by themselves.
Publication PollLoop::Withheld(const std::shared_ptr<const View>& stale) {
  {
    const std::lock_guard lock(mutex_);
    if (withheld_of_ == stale) return withheld_;
  }
  auto view = std::make_shared<View>(*stale);
  for (TargetView& target : view->targets) {
    target.snapshot.reset();
    target.recommendations = nullptr;
    target.document.ingress = nullptr;
    target.document.proc = nullptr;
  }
  std::string settled = Settled(*view).text;
  Publication made = PublicationOf(std::move(view), std::move(settled));
  const std::lock_guard lock(mutex_);
  withheld_ = made;
  withheld_of_ = stale;
  return made;
}

RenderedRows PollLoop::Settled(const View& view) const {
  return RenderRows(view, view.built_at, OptionsFor(view, options_), Rows::kSettled);
}

Publication PollLoop::PublicationOf(std::shared_ptr<const View> view, std::string settled) const {
  const FamilyOptions options = OptionsFor(*view, options_);
  auto exposition = std::make_shared<const Exposition>(std::move(settled), view, options, clock_);
  return Publication{std::move(view), options, std::move(exposition)};
}

}  // namespace chatscale
