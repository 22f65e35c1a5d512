#include "exporter/app/sinks.h"

#include <algorithm>
#include <future>
#include <utility>

#include "exporter/model/clock.h"
#include "exporter/sinks/aws_credentials.h"
#include "exporter/sinks/text_sinks.h"

namespace chatscale {

CloudWatchOptions CloudWatchOf(const Config& config) {
  CloudWatchOptions options = config.cloudwatch;
  // A scaling policy names all dimensions of a metric; the upstream sends the configured ones only.
  options.name_targets = config.naming != NameScheme::kKdcube || HasSeveralTargets(config);
  return options;
}

namespace {

// Retries end early enough not to overlap with the next scheduled export.
SinkThreadOptions ScheduledOptions(const Config& config, absl::Duration timeout) {
  return {.timeout = timeout,
          .retry_for = std::max(absl::ZeroDuration(), config.schedule.interval - timeout),
          .end = !config.run_once};
}

}  // namespace

Sinks::Sinks(const Config& config, const std::shared_ptr<SelfMetrics>& self) {
  const auto add = [&](bool every_cycle, std::unique_ptr<Sink> sink, SinkThreadOptions options) {
    longest_try_ = std::max(longest_try_, options.timeout);
    threads_.push_back({every_cycle, std::make_unique<SinkThread>(std::move(sink), options,
                                                                  &SystemClock(), self)});
  };
  const SinkThreadOptions scheduled = ScheduledOptions(config, config.collection.timeout);
  if (!config.textfile_path.empty()) {
    add(true, std::make_unique<TextfileSink>(config.textfile_path),
        {.timeout = config.collection.timeout, .end = !config.run_once});
  }
  if (config.pushgateway.enabled) {
    add(false, std::make_unique<PushgatewaySink>(config.pushgateway), scheduled);
  }
  if (config.cloudwatch.enabled) {
    add(false,
        std::make_unique<CloudWatchSink>(CloudWatchOf(config),
                                         FetchFrom(config.cloudwatch.credentials)),
        scheduled);
  }
  if (config.otlp.enabled) {
    add(false, std::make_unique<OtlpSink>(config.otlp),
        ScheduledOptions(config, config.otlp.timeout));
  }
}

bool Sinks::any_scheduled() const {
  return std::ranges::any_of(threads_, [](const Served& served) { return !served.every_cycle; });
}

void Sinks::OfferCycle(const Publication& publication) {
  for (const Served& served : threads_) {
    if (served.every_cycle) served.thread->Offer(publication);
  }
}

void Sinks::OfferScheduled(const Publication& publication) {
  for (const Served& served : threads_) {
    if (!served.every_cycle) served.thread->Offer(publication);
  }
}

void Sinks::CountMissed(std::uint64_t count) {
  for (const Served& served : threads_) {
    if (!served.every_cycle) served.thread->Missed(count);
  }
}

std::vector<SinkOutcome> Sinks::Export(const Publication& publication, absl::Duration timeout) {
  const Stopwatch begun;
  std::vector<std::future<SinkOutcome>> pending;
  for (const Served& served : threads_) {
    auto promise = std::make_shared<std::promise<SinkOutcome>>();
    pending.push_back(promise->get_future());
    served.thread->Offer(publication,
                         [promise](const SinkOutcome& outcome) { promise->set_value(outcome); });
  }
  std::vector<SinkOutcome> outcomes;
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const absl::Duration left = timeout - begun.Elapsed();
    if (pending[i].wait_for(absl::ToChronoNanoseconds(left)) == std::future_status::ready) {
      outcomes.push_back(pending[i].get());
    } else {
      outcomes.push_back({std::string(threads_[i].thread->name()),
                          absl::DeadlineExceededError("still being delivered"), timeout});
    }
  }
  return outcomes;
}

bool Sinks::Stop(absl::Duration grace) {
  for (const Served& served : threads_) served.thread->Stop(absl::ZeroDuration());
  const Stopwatch begun;
  bool all = true;
  for (const Served& served : threads_) {
    all = served.thread->Stop(std::max(absl::ZeroDuration(), grace - begun.Elapsed())) && all;
  }
  return all;
}

}  // namespace chatscale
