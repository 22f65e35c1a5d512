#include "exporter/app/serve.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/time/clock.h"
#include "exporter/app/make_parts.h"
#include "exporter/app/process.h"
#include "exporter/app/reloader.h"
#include "exporter/app/sinks.h"
#include "exporter/files/log.h"
#include "exporter/loop/poll_loop.h"
#include "exporter/metrics/naming.h"
#include "exporter/model/build_info.h"
#include "exporter/recommendations/policy_rules.h"
#include "exporter/server/http_server.h"
#include "exporter/sinks/export_schedule.h"
#include "exporter/web/history.h"
#include "exporter/web/page/page_routes.h"
#include "exporter/web/recommendation_routes.h"
#include "exporter/web/routes.h"
#include "exporter/web/target_routes.h"

namespace chatscale {

bool ListensEverywhere(const Config& config) {
  const std::string& host = config.server.host;
  return host.empty() || host == "0.0.0.0" || host == "::";
}

std::string ListenUrl(const Config& config, int port, bool https) {
  std::string host = ListensEverywhere(config) ? "localhost" : config.server.host;
  if (host.find(':') != host.npos) host = "[" + host + "]";
  return (https ? "https://" : "http://") + host + ":" + std::to_string(port) + "/";
}

namespace {

constexpr absl::Duration kReadFilesEvery = absl::Seconds(2);

void Warn(const Config& config, bool authenticates) {
  if (config.mode == Mode::kDemo) {
    Log(LogLevel::kWarning, "demo mode: all data are simulated",
        {{"seed", std::to_string(config.demo.seed)}});
  }
  if (config.mode != Mode::kDemo && config.collection.timeout > config.collection.interval) {
    Log(LogLevel::kWarning, "a collection may take longer than the interval between two",
        {{"timeout", absl::FormatDuration(config.collection.timeout)},
         {"interval", absl::FormatDuration(config.collection.interval)}});
  }
  if (config.naming != NameScheme::kChat || !config.mapping.empty()) {
    Log(LogLevel::kInfo,
        "METRICS_NAMING or METRICS_MAPPING_JSON is set: rules and dashboards that ship with "
        "chatscale do not find what has another name");
  }
  if (ListensEverywhere(config) && !authenticates) {
    Log(LogLevel::kWarning,
        "listening on every interface without authentication; --web.listen-address limits it, "
        "--web.config.file or --web.bearer-token-file configure it");
  }
}

// Labels replace surplus dimensions.
void WarnOfDimensions(const Config& config) {
  constexpr std::size_t kLabels = 3;  // tenant, project, component
  if (!config.cloudwatch.enabled ||
      config.cloudwatch.dimensions.size() + kLabels <= kMostDimensions)
    return;
  Log(LogLevel::kWarning,
      "METRICS_CLOUDWATCH_DIMENSIONS_JSON: the last dimensions give way where a metric would have "
      "more than 30");
}

// Warns of scheduled exports without a sink, and of sinks without scheduled exports.
void WarnOfExports(const Config& config, const Sinks& sinks) {
  if (config.export_scheduled && !sinks.any_scheduled()) {
    Log(LogLevel::kWarning, "METRICS_SCHEDULER_ENABLED is set, but no sink to export to");
  }
  if (!config.export_scheduled && sinks.any_scheduled()) {
    Log(LogLevel::kWarning,
        "a sink is configured, but METRICS_SCHEDULER_ENABLED is not set: exports happen on "
        "/metrics/export only");
  }
}

// Connection limit that leaves files and threads for sources, sinks and state, which collection
// needs. `descriptors`, `threads`: limits; 0: none.
std::size_t ConnectionsWithin(std::size_t descriptors, std::size_t threads) {
  constexpr std::size_t kOurs = 32;
  constexpr std::size_t kFewest = 8;
  const std::size_t most = HttpServerOptions().max_connections;
  std::size_t connections = most;
  for (const std::size_t limit : {descriptors, threads}) {
    if (limit == 0 || limit >= most + kOurs) continue;
    connections = std::min(connections, limit > kOurs + kFewest ? limit - kOurs : kFewest);
  }
  if (connections == most) return most;
  Log(LogLevel::kWarning,
      "the limit on open files or threads is low; fewer connections are accepted",
      {{"open_files", std::to_string(descriptors)},
       {"threads", std::to_string(threads)},
       {"connections", std::to_string(connections)}});
  return connections;
}

std::vector<std::string> ReadLog(const DecisionLog& log, const DecisionQuery& query) {
  return log.Newest(
      [&query](const Target& target, Service service) {
        return (query.tenant.empty() || target.tenant == query.tenant) &&
               (query.project.empty() || target.project == query.project) &&
               (query.component.empty() || query.component == NameOf(service));
      },
      query.most);
}

HttpServerOptions ServerOptions(const Config& config, std::size_t max_connections, Access& access,
                                const std::shared_ptr<SelfMetrics>& self) {
  HttpServerOptions options = config.server;
  options.max_connections = max_connections;
  options.self = self;
  if (access.configured()) options.authenticator = &access;
  if (access.https()) options.tls = [&access] { return access.Tls(); };
  return options;
}

// Threads inherit the signal mask. Those started before may be interrupted during the start.
struct SignalsBlocked {
  SignalsBlocked() { BlockSignals(); }
};

// All parts of the daemon, in the order of construction: each uses only those before it.
class Daemon {
 public:
  // Reads the state; may hang with its disk.
  Daemon(const Config& config, std::size_t connections, MadeSource source,
         std::unique_ptr<Access> access, PolicySet policies)
      : config_(config),
        source_(std::move(source)),
        access_(std::move(access)),
        decisions_(config.decisions),
        recommender_(MakeRecommender(config, std::move(policies), &decisions_)),
        self_(std::make_shared<SelfMetrics>()),
        reloader_(config, recommender_.get(), access_.get(), *self_, absl::Now()),
        server_(ServerOptions(config, connections, *access_, self_)),
        sinks_(config, self_),
        loop_(LoopOptions(), source_.source.get(), &SystemClock()),
        schedule_(ScheduleOptions()) {}

  // Serves until a signal ends it; returns the exit code.
  int Run(std::vector<ShownSetting> settings);

 private:
  PollLoopOptions LoopOptions() {
    PollLoopOptions options = CollectionOf(config_);
    options.longest_cycle = std::max(10 * options.interval, absl::Minutes(1));
    options.self = self_;
    options.recommender = recommender_.get();
    options.published = [this](const Publication& publication) { Published(publication); };
    return options;
  }
  ExportScheduleOptions ScheduleOptions() {
    ExportScheduleOptions options = config_.schedule;
    options.run = [this] {
      sinks_.OfferScheduled(loop_.Read(config_.scrape_ttl, config_.collection.timeout));
    };
    options.missed = [this](std::uint64_t count) { sinks_.CountMissed(count); };
    return options;
  }
  void Published(const Publication& publication) {
    if (source_.follow) source_.follow(*publication.view);
    history_.Add(*publication.view);
    sinks_.OfferCycle(publication);
  }
  void AddAllRoutes(std::vector<ShownSetting> settings);
  void AddRules();
  WebResponse Reload(const WebRequest& request);
  void AwaitEnd();
  std::string EndAll();

  const Config& config_;
  MadeSource source_;
  const std::unique_ptr<Access> access_;
  DecisionLog decisions_;
  const std::unique_ptr<Recommender> recommender_;
  const std::shared_ptr<SelfMetrics> self_;
  Reloader reloader_;
  SignalsBlocked signals_blocked_;
  HttpServer server_;
  Sinks sinks_;
  History history_;
  PollLoop loop_;
  ExportSchedule schedule_;
};

// The files of `chatscale rules`, for the policy in effect.
void Daemon::AddRules() {
  const std::pair<const char*, RuleFile> files[] = {{"/rules/alerts", RuleFile::kAlerts},
                                                    {"/rules/recommender", RuleFile::kRecommender},
                                                    {"/rules/slo", RuleFile::kSlo}};
  for (const auto& [path, file] : files) {
    server_.Get(path, [this, file = file](const WebRequest&) {
      return TextResponse(200, PolicyRules(file, *recommender_->Policies()));
    });
  }
}

WebResponse Daemon::Reload(const WebRequest& request) {
  if (IsCrossSite(request)) return CrossSiteRefused();
  if (!access_->Authenticates()) return TextResponse(403, "403 needs authentication\n");
  const absl::Status reloaded = reloader_.Reload();
  return reloaded.ok() ? TextResponse(200, "reloaded\n")
                       : TextResponse(500, std::string(reloaded.message()) + "\n");
}

void Daemon::AddAllRoutes(std::vector<ShownSetting> settings) {
  const ReadPublication read = [this](absl::Duration timeout) {
    return loop_.Read(config_.scrape_ttl, timeout);
  };
  const ReadDecisions logged = [this](const DecisionQuery& query) {
    return ReadLog(decisions_, query);
  };
  AddRoutes(
      read, [this] { return loop_.Stalled(); }, server_);
  AddTargetRoutes(read, server_);
  AddRecommendationRoutes(read, logged, server_);
  AddPageRoutes(
      {.read = read, .decisions = logged, .history = &history_, .settings = std::move(settings)},
      server_);
  AddRules();
  AddExportRoute(
      [this, read] {
        return sinks_.Export(read(config_.collection.timeout), 2 * sinks_.longest_try());
      },
      [this] { return access_->Authenticates(); }, server_);
  server_.Post(
      "/-/reload", [this](const WebRequest& request) { return Reload(request); }, RouteGate::kLong);
}

void Daemon::AwaitEnd() {
  while (true) {
    loop_.Stalled();  // logs a stall
    const std::string signal = WaitForSignal(kReadFilesEvery);
    if (!signal.empty() && signal != "SIGHUP") {
      return Log(LogLevel::kInfo, "stopping", {{"signal", signal}});
    }
    reloader_.Follow(!signal.empty());
  }
}

// Returns what hangs, in a thread that uses these objects; "" when all have ended.
std::string Daemon::EndAll() {
  // All end concurrently, within one grace period.
  const Stopwatch begun;
  const auto left = [&] { return std::max(absl::ZeroDuration(), kStopGrace - begun.Elapsed()); };
  loop_.Stop(absl::ZeroDuration());
  sinks_.Stop(absl::ZeroDuration());
  const bool served = server_.Stop();
  const bool stopped = loop_.Stop(left());
  schedule_.Stop();  // the loop no longer blocks its callback
  const bool sent = sinks_.Stop(left());
  if (!stopped) return "the collection; the state stays as last saved";  // it may still change it
  if (!SaveAtTheEnd(*recommender_)) return "the disk of the state or the decisions";
  if (!served) return "a request handler";
  if (!sent) return "a sink";
  if (source_.source->Busy()) return "the source";
  return reloader_.Busy() ? "the disk of the policy or the listener's files" : "";
}

int Daemon::Run(std::vector<ShownSetting> settings) {
  AddAllRoutes(std::move(settings));
  const auto port = server_.Start();
  if (!port.ok()) {
    Log(LogLevel::kError, std::string(port.status().message()));
    return kFailed;
  }
  Log(LogLevel::kInfo, "listening",
      {{"url", ListenUrl(config_, *port, access_->https())},
       {"mode", ModeName(config_.mode)},
       {"version", kVersion}});
  Warn(config_, access_->Authenticates());
  WarnOfDimensions(config_);
  WarnOfExports(config_, sinks_);
  loop_.Start();
  if (config_.export_scheduled && sinks_.any_scheduled()) schedule_.Start();
  AwaitEnd();
  if (const std::string hanging = EndAll(); !hanging.empty()) {
    Log(LogLevel::kWarning, "exiting without waiting", {{"for", hanging}});
    ExitAtOnce(EXIT_SUCCESS);  // skips destructors, as a hanging thread uses these objects
  }
  return EXIT_SUCCESS;
}

}  // namespace

int Serve(const Config& config, PolicySet policies, std::vector<ShownSetting> settings) {
  ReturnMemoryEarly();
  BlockSignals();
  const std::size_t connections = ConnectionsWithin(RaiseDescriptorLimit(), ThreadLimit());
  LetSignalsEndUs();
  std::optional<SlowStep> step("read the gateway's configuration");
  auto source = MakeSource(config);
  step.emplace("read the listener's files");
  auto access = source.ok() ? MakeAccess(config) : source.status();
  if (!access.ok()) {
    Log(LogLevel::kError, std::string(access.status().message()));
    return kUsage;
  }
  step.emplace("read the state");
  Daemon daemon(config, connections, *std::move(source), *std::move(access), std::move(policies));
  step.reset();
  return daemon.Run(std::move(settings));
}

}  // namespace chatscale
