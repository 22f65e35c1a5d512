#include "exporter/app/snapshot.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "exporter/app/make_parts.h"
#include "exporter/app/process.h"
#include "exporter/app/sinks.h"
#include "exporter/loop/poll_loop.h"
#include "exporter/metrics/naming.h"
#include "exporter/model/text.h"
#include "exporter/sinks/cloudwatch_sink.h"
#include "exporter/sinks/sink_families.h"
#include "exporter/web/system_document.h"

namespace chatscale {

namespace {

constexpr const char* kCloudWatch = "cloudwatch";
constexpr const char* kPushgateway = "pushgateway";
constexpr const char* kOtlp = "otlp";

}  // namespace

bool IsSinkFormat(const std::string& format) {
  return format == kCloudWatch || format == kPushgateway || format == kOtlp;
}

std::string SnapshotOfSink(const Config& config, const Publication& publication,
                           const std::string& format) {
  if (format == kCloudWatch) {
    const CloudWatchOptions options = CloudWatchOf(config);
    return PutMetricDataJson(options.name_space,
                             MetricDataOf(publication, options.dimensions, options.name_targets),
                             options.high_resolution) +
           "\n";
  }
  if (format == kPushgateway) {
    const PushgatewayOptions& options = config.pushgateway;
    return absl::StrCat("# PUT ", PushgatewayPath(options.job, options.grouping), "\n",
                        ChatFamilies(publication));
  }
  return absl::StrJoin(OtlpRequests(publication, WithService(config.otlp.resource)), "\n") + "\n";
}

namespace {

constexpr int kNothing = 2;

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

// Proxy mode has two documents; otherwise there is one.
std::string DocumentOf(const View& view, const TargetView& target) {
  return view.mode == ModeName(Mode::kProxy) ? CombinedDocument(view, target).json
                                             : target.document.proc();
}

// "tenant/project: source: error", for each source that failed.
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
    return kNothing;
  }
  const InstantClock instant(at.value_or(absl::InfinitePast()));
  const Clock* clock = at ? &instant : &SystemClock();
  const bool of_sink = IsSinkFormat(format);
  DecisionLog decisions({});
  const std::unique_ptr<Advisor> advisor =
      of_sink ? MakeAdvisor(config, std::move(policies), &decisions, StateFile::kOnlyRead)
              : nullptr;
  PollLoop loop({.mode = ModeName(config.mode),
                 .timeout = config.request_timeout,
                 .max_age = absl::InfiniteDuration(),
                 .naming = *Naming::Of(config.naming, config.mapping),  // checked before
                 .advisor = advisor.get()},
                source->source.get(), clock);
  loop.CollectOnce();
  const Publication publication = loop.Read(absl::InfiniteDuration(), absl::ZeroDuration());
  PrintErrors(*publication.view, errors);
  bool any = false;
  for (const TargetView& target : publication.view->targets) {
    if (!target.snapshot) continue;
    any = true;
    if (format == "keys") out << KeysOf(*target.snapshot);
    if (format == "system") out << DocumentOf(*publication.view, target) << "\n";
    if (!target.advice) continue;
    for (const std::string& sentence : WithoutRecommendation(*target.advice)) {
      errors << "chatscale: " << sentence << "\n";
    }
  }
  if (any && of_sink) out << SnapshotOfSink(config, publication, format);
  if (any && format == "prometheus") out << *publication.exposition->text();
  out.flush();
  if (any && !out) {
    errors << "chatscale: cannot write the answer\n";
    return kFailed;
  }
  return any ? 0 : kNothing;
}

}  // namespace chatscale
