#include "exporter/app/commands.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "exporter/app/make_parts.h"
#include "exporter/app/process.h"
#include "exporter/app/serve.h"
#include "exporter/app/settings.h"
#include "exporter/app/sinks.h"
#include "exporter/files/log.h"
#include "exporter/http/http_client.h"
#include "exporter/loop/poll_loop.h"
#include "exporter/metrics/naming.h"
#include "exporter/model/error_kind.h"
#include "exporter/model/text.h"
#include "exporter/recommendations/policy_file.h"
#include "exporter/sinks/cloudwatch_sink.h"
#include "exporter/sinks/text_sinks.h"
#include "exporter/web/routes.h"

namespace chatscale {

namespace {

constexpr const char* kCloudWatchFormat = "cloudwatch";
constexpr const char* kPushgatewayFormat = "pushgateway";
constexpr const char* kOtlpFormat = "otlp";

bool IsSinkFormat(const std::string& format) {
  return format == kCloudWatchFormat || format == kPushgatewayFormat || format == kOtlpFormat;
}

// What would be sent to a sink, without sending it:
// cloudwatch   the request as JSON, for `aws cloudwatch put-metric-data --cli-input-json`
// pushgateway  the body, after "# PUT" and the path as a comment
// otlp         the requests, one per line
std::string SnapshotOfSink(const Config& config, const Publication& publication,
                           const std::string& format) {
  if (format == kCloudWatchFormat) {
    const CloudWatchOptions options = CloudWatchOf(config);
    return PutMetricDataJson(options.name_space,
                             MetricDataOf(publication, options.dimensions, options.name_targets),
                             options.high_resolution) +
           "\n";
  }
  if (format == kPushgatewayFormat) {
    const PushgatewayOptions& options = config.pushgateway;
    return absl::StrCat("# PUT ", PushgatewayPath(options.job, options.grouping), "\n",
                        ChatFamilies(publication));
  }
  return absl::StrJoin(OtlpRequests(publication, WithService(config.otlp.resource)), "\n") + "\n";
}

// Of one cycle: what was collected is never too old.
PollLoopOptions OneCycle(const Config& config, Recommender* recommender,
                         std::shared_ptr<SelfMetrics> self = std::make_shared<SelfMetrics>()) {
  PollLoopOptions options = CollectionOf(config);
  options.max_age = absl::InfiniteDuration();
  options.self = std::move(self);
  options.recommender = recommender;
  return options;
}

class InstantClock : public Clock {
 public:
  explicit InstantClock(absl::Time instant) : instant_(instant) {}
  absl::Time Now() const override { return instant_; }

 private:
  absl::Time instant_;
};

std::string KeysOf(const Snapshot& snapshot) {
  std::string text;
  for (const UpstreamKey& key : UpstreamKeys()) {
    if (const MaybeNumber value = key.Read(snapshot)) {
      text += std::string(key.key()) + " " + NumberText(*value) + "\n";
    }
  }
  return text;
}

// Proxy mode has two documents, combined here; the other modes have one.
std::string DocumentOf(const View& view, const TargetView& target) {
  return view.mode == ModeName(Mode::kProxy) ? CombinedDocument(view, target).json
                                             : target.document.proc();
}

// Prints "tenant/project: source: error" for each failed source.
void PrintErrors(const View& view, std::ostream& errors) {
  for (const TargetView& target : view.targets) {
    for (const SourceHealth& health : target.sources) {
      if (health.up) continue;
      errors << "chatscale: ";
      if (!target.target.tenant.empty() || !target.target.project.empty()) {
        errors << target.target.tenant << "/" << target.target.project << ": ";
      }
      errors << health.source << ": " << health.error << "\n";
    }
  }
}

}  // namespace

int PrintSnapshot(const Config& config, PolicySet policies, const std::string& format,
                  std::optional<absl::Time> at, std::ostream& out, std::ostream& errors) {
  auto source = MakeSource(config);
  if (!source.ok()) {
    errors << "chatscale: " << source.status().message() << "\n";
    return kUsage;
  }
  const InstantClock instant(at.value_or(absl::InfinitePast()));
  const Clock* clock = at ? &instant : &SystemClock();
  const bool of_sink = IsSinkFormat(format);
  DecisionLog decisions({});
  const std::unique_ptr<Recommender> recommender =
      of_sink ? MakeRecommender(config, std::move(policies), &decisions, StateFile::kOnlyRead)
              : nullptr;
  PollLoop loop(OneCycle(config, recommender.get()), source->source.get(), clock);
  loop.CollectOnce();
  const Publication publication = loop.Read(absl::InfiniteDuration(), absl::ZeroDuration());
  PrintErrors(*publication.view, errors);
  bool any = false;
  for (const TargetView& target : publication.view->targets) {
    if (!target.snapshot) continue;
    any = true;
    if (format == "keys") out << KeysOf(*target.snapshot);
    if (format == "system") out << DocumentOf(*publication.view, target) << "\n";
    if (!target.recommendations) continue;
    for (const std::string& sentence : WithoutRecommendation(*target.recommendations)) {
      errors << "chatscale: " << sentence << "\n";
    }
  }
  if (any && of_sink) out << SnapshotOfSink(config, publication, format);
  if (any && format == "prometheus") out << *publication.exposition->text();
  out.flush();
  if (any && !out) {
    errors << "chatscale: cannot write to standard output\n";
    return kFailed;
  }
  return any ? 0 : kUsage;
}

namespace {

bool Collected(const View& view) {
  return std::ranges::any_of(view.targets,
                             [](const TargetView& target) { return target.snapshot.has_value(); });
}

bool Delivered(const std::vector<SinkOutcome>& outcomes) {
  for (const SinkOutcome& outcome : outcomes) {
    if (outcome.status.ok()) Log(LogLevel::kInfo, "exported", {{"sink", outcome.sink}});
  }
  return std::ranges::all_of(outcomes, [](const auto& outcome) { return outcome.status.ok(); });
}

}  // namespace

int RunOnce(const Config& config, PolicySet policies) {
  auto made = MakeSource(config);
  if (!made.ok()) {
    Log(LogLevel::kError, std::string(made.status().message()));
    return kUsage;
  }
  DecisionLog decisions(config.decisions);
  const std::unique_ptr<Recommender> recommender =
      MakeRecommender(config, std::move(policies), &decisions);
  const auto self = std::make_shared<SelfMetrics>();
  Sinks sinks(config, self);
  PollLoop loop(OneCycle(config, recommender.get(), self), made->source.get(), &SystemClock());
  loop.CollectOnce();
  const Publication publication = loop.Read(absl::InfiniteDuration(), absl::ZeroDuration());
  if (!Collected(*publication.view)) {
    Log(LogLevel::kError, "nothing was collected, nothing is exported");
    return kUsage;
  }
  for (const TargetView& target : publication.view->targets) {
    if (!target.recommendations) continue;
    for (const std::string& sentence : WithoutRecommendation(*target.recommendations)) {
      Log(LogLevel::kWarning, "no recommendation is exported",
          {{"tenant", target.target.tenant},
           {"project", target.target.project},
           {"reason", sentence}});
    }
  }
  // All retries, and the running attempt.
  const absl::Duration timeout = config.schedule.interval + sinks.longest_try();
  const bool delivered = Delivered(sinks.Export(publication, timeout));
  const bool written = SaveAtTheEnd(*recommender);
  const int code = delivered ? EXIT_SUCCESS : kFailed;
  // Skips destructors: a hanging thread may use these objects.
  if (made->source->Busy() || !written || !sinks.Stop(absl::Seconds(1))) ExitAtOnce(code);
  return code;
}

namespace {

std::string NameOf(const Target& target) {
  return "tenant " + target.tenant +
         (target.project.empty() ? ", every project" : ", project " + target.project);
}

}  // namespace

int Check(const Config& config, const PolicySet& policies,
          const std::vector<std::string>& ignored_variables, std::ostream& out,
          std::ostream& errors) {
  for (const std::string& name : ignored_variables) {
    const std::string_view replacement = ReplacementOf(name);
    errors << "chatscale: warning: " << name
           << (replacement.empty() ? ": unknown setting ignored"
                                   : ": removed setting ignored; replacement: ")
           << replacement << "\n";
  }
  Config quiet = config;
  quiet.postgres.enabled = false;  // it would start a thread that connects
  if (const auto source = MakeSource(quiet); !source.ok()) {
    errors << "chatscale: " << source.status().message() << "\n";
    return kUsage;
  }
  if (const auto access = MakeAccess(config); !access.ok()) {
    errors << "chatscale: " << access.status().message() << "\n";
    return kUsage;
  }
  out << "configuration is valid (mode " << ModeName(config.mode) << "); the policy in effect:\n"
      << PolicyYaml(policies.base, PolicyComments::kNone);
  for (const PolicyOverride& entry : policies.overrides) {
    out << "# for " << NameOf(entry.target) << ":\n"
        << PolicyYaml(entry.policy, PolicyComments::kNone);
  }
  out.flush();
  if (out) return 0;
  errors << "chatscale: cannot write to standard output\n";
  return kFailed;
}

int ReplayFile(const PolicySet& policies, const std::string& file, const ReplayOptions& options) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) {
      std::cerr << "chatscale: " << file << ": cannot be read\n";
      return kUsage;
    }
  }
  const absl::Status replayed =
      Replay(policies, file == "-" ? std::cin : opened, std::cout, options);
  if (replayed.ok()) return EXIT_SUCCESS;
  std::cerr << "chatscale: " << replayed.message() << "\n";
  return kFailed;
}

int CheckHealth(const Config& config, std::ostream& errors) {
  if (config.server.port == 0) {
    errors << "chatscale: METRICS_PORT=0: healthcheck cannot know the port that serve chose\n";
    return kFailed;
  }
  const auto access = MakeAccess(config);
  if (!access.ok()) {
    errors << "chatscale: " << access.status().message() << "\n";
    return kUsage;
  }
  HttpClient client({.any_server = true});
  const auto response =
      client.Get(ListenUrl(config, config.server.port, (*access)->https()) + "-/healthy", {},
                 absl::Seconds(3));
  if (response.ok()) return EXIT_SUCCESS;
  // A server that rejects this client for its missing certificate is alive.
  const ErrorKind kind = KindOf(response.status());
  const bool silent = kind == ErrorKind::kConnect || kind == ErrorKind::kTimeout;
  if ((*access)->RequiresClientCertificate() && !silent) return EXIT_SUCCESS;
  errors << "chatscale: " << response.status().message() << "\n";
  return kFailed;
}

}  // namespace chatscale
