#include "exporter/commands/sinks.h"

#include <algorithm>
#include <filesystem>
#include <future>
#include <utility>

#include "exporter/model/clock.h"
#include "exporter/sinks/aws_credentials.h"
#include "exporter/sinks/textfile_sink.h"

namespace chatscale {

PushgatewayOptions PushgatewayOf(const PushgatewayConfig& config) {
  return {.url = config.url,
          .job = config.job,
          .grouping = config.grouping,
          .user = config.user,
          .password_file = config.password_file,
          .http = {.ca_file = config.ca_file,
                   .client_cert_file = config.client_cert_file,
                   .client_key_file = config.client_key_file,
                   .environment_proxy = true},
          .delete_at_end = config.delete_at_end};
}

CloudWatchOptions CloudWatchOf(const Config& config) {
  const CloudWatchConfig& cloudwatch = config.cloudwatch;
  // A scaling policy names all dimensions of a metric, and the upstream sends the configured ones.
  const bool as_upstream = config.naming == NameScheme::kKdcube && !HasSeveralTargets(config);
  return {.endpoint = cloudwatch.endpoint,
          .region = cloudwatch.region,
          .name_space = cloudwatch.name_space,
          .dimensions = cloudwatch.dimensions,
          .name_targets = !as_upstream,
          .high_resolution = cloudwatch.high_resolution};
}

OtlpOptions OtlpOf(const OtlpConfig& config) {
  return {.endpoint = config.endpoint,
          .headers = config.headers,
          .resource = config.resource,
          .compress = config.compression == "gzip",
          .http = {.ca_file = config.ca_file, .environment_proxy = true}};
}

FetchAwsCredentials AwsCredentialsOf(const CloudWatchConfig& config) {
  if (!config.key_id.empty()) {
    return [credentials = AwsCredentials{config.key_id, config.secret, config.session_token}](
               absl::Duration) { return credentials; };
  }
  std::error_code error;
  if (!config.profile.empty() || std::filesystem::exists(config.credentials_file, error)) {
    return FromAwsProfile(config.credentials_file,
                          config.profile.empty() ? "default" : config.profile);
  }
  const std::string& relative = config.container_relative_uri;
  const std::string url = relative.empty() ? config.container_full_uri : kEcsHost + relative;
  if (!url.empty()) {
    return FromContainer({url, config.container_token, config.container_token_file});
  }
  return FromInstance(config.metadata_endpoint);
}

namespace {

// A try that begins later than `retry_for` would run into the next beat.
SinkThreadOptions OnTheBeat(const Config& config, absl::Duration timeout) {
  return {.timeout = timeout,
          .retry_for = std::max(absl::ZeroDuration(), config.exports.interval - timeout),
          .end = !config.exports.once};
}

}  // namespace

Sinks::Sinks(const Config& config, const std::shared_ptr<SelfMetrics>& self) {
  const auto add = [&](bool every_round, std::unique_ptr<Sink> sink, SinkThreadOptions options) {
    longest_try_ = std::max(longest_try_, options.timeout);
    threads_.push_back({every_round, std::make_unique<SinkThread>(std::move(sink), options,
                                                                  &SystemClock(), self)});
  };
  const SinkThreadOptions on_the_beat = OnTheBeat(config, config.request_timeout);
  if (!config.textfile_path.empty()) {
    add(true, std::make_unique<TextfileSink>(config.textfile_path),
        {.timeout = config.request_timeout, .end = !config.exports.once});
  }
  if (config.pushgateway.enabled) {
    add(false, std::make_unique<PushgatewaySink>(PushgatewayOf(config.pushgateway)), on_the_beat);
  }
  if (config.cloudwatch.enabled) {
    add(false,
        std::make_unique<CloudWatchSink>(CloudWatchOf(config), AwsCredentialsOf(config.cloudwatch)),
        on_the_beat);
  }
  if (config.otlp.enabled) {
    add(false, std::make_unique<OtlpSink>(OtlpOf(config.otlp)),
        OnTheBeat(config, config.otlp.timeout));
  }
}

bool Sinks::any_scheduled() const {
  return std::ranges::any_of(threads_, [](const Served& served) { return !served.every_round; });
}

void Sinks::OfferRound(const Publication& publication) {
  for (const Served& served : threads_) {
    if (served.every_round) served.thread->Offer(publication);
  }
}

void Sinks::OfferBeat(const Publication& publication) {
  for (const Served& served : threads_) {
    if (!served.every_round) served.thread->Offer(publication);
  }
}

void Sinks::MissedBeats(std::uint64_t count) {
  for (const Served& served : threads_) {
    if (!served.every_round) served.thread->Missed(count);
  }
}

std::vector<SinkOutcome> Sinks::Export(const Publication& publication, absl::Duration patience) {
  const Stopwatch begun;
  std::vector<std::future<SinkOutcome>> asked;
  for (const Served& served : threads_) {
    auto promise = std::make_shared<std::promise<SinkOutcome>>();
    asked.push_back(promise->get_future());
    served.thread->Offer(publication,
                         [promise](const SinkOutcome& outcome) { promise->set_value(outcome); });
  }
  std::vector<SinkOutcome> outcomes;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const absl::Duration left = patience - begun.Elapsed();
    if (asked[i].wait_for(absl::ToChronoNanoseconds(left)) == std::future_status::ready) {
      outcomes.push_back(asked[i].get());
    } else {
      outcomes.push_back({std::string(threads_[i].thread->name()),
                          absl::DeadlineExceededError("still being delivered"), patience});
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
