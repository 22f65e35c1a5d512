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
#include "exporter/log/log.h"
#include "exporter/loop/poll_loop.h"
#include "exporter/metrics/cloudwatch_text.h"
#include "exporter/model/build_info.h"
#include "exporter/recommendations/policy_rules.h"
#include "exporter/server/http_server.h"
#include "exporter/sinks/export_schedule.h"
#include "exporter/web/export_route.h"
#include "exporter/web/history.h"
#include "exporter/web/page/page_routes.h"
#include "exporter/web/recommendation_routes.h"
#include "exporter/web/routes.h"
#include "exporter/web/target_routes.h"

namespace chatscale {

bool ListensEverywhere(const Config& config) {
  const std::string& host = config.listen_host;
  return host.empty() || host == "0.0.0.0" || host == "::";
}

std::string ListenUrl(const Config& config, int port, bool https) {
  std::string host = ListensEverywhere(config) ? "localhost" : config.listen_host;
  if (host.find(':') != host.npos) host = "[" + host + "]";
  return (https ? "https://" : "http://") + host + ":" + std::to_string(port) + "/";
}

namespace {

constexpr absl::Duration kReadFilesEvery = absl::Seconds(2);

void Warn(const Config& config, bool authenticates) {
  if (config.mode == Mode::kDemo) {
    Log(LogLevel::kWarning, "demo mode: every figure is simulated",
        {{"seed", std::to_string(config.demo.seed)}});
  }
  if (config.mode != Mode::kDemo && config.request_timeout > config.collect_interval) {
    Log(LogLevel::kWarning, "a collection may take longer than the interval between two",
        {{"timeout", absl::FormatDuration(config.request_timeout)},
         {"interval", absl::FormatDuration(config.collect_interval)}});
  }
  if (config.naming != NameScheme::kChat || !config.mapping.empty()) {
    Log(LogLevel::kInfo,
        "METRICS_NAMING or METRICS_MAPPING_JSON is set: rules and dashboards that ship with "
        "chatscale do not find what has another name");
  }
  if (ListensEverywhere(config) && !authenticates) {
    Log(LogLevel::kWarning,
        "listening on every interface without authentication; --web.listen-address limits it, "
        "--web.config.file or --web.bearer-token-file ask for it");
  }
}

// Labels take the place of dimensions that are one too many.
void WarnOfDimensions(const Config& config) {
  constexpr std::size_t kLabels = 3;  // tenant, project, component
  if (!config.cloudwatch.enabled ||
      config.cloudwatch.dimensions.size() + kLabels <= kMostDimensions)
    return;
  Log(LogLevel::kWarning,
      "METRICS_CLOUDWATCH_DIMENSIONS_JSON: the last dimensions give way where a metric would have "
      "more than 30");
}

// Who wants exports and gets none is told.
void WarnOfExports(const Config& config, const Sinks& sinks) {
  if (config.exports.scheduled && !sinks.any_scheduled()) {
    Log(LogLevel::kWarning, "METRICS_SCHEDULER_ENABLED is set, but no sink to export to");
  }
  if (!config.exports.scheduled && sinks.any_scheduled()) {
    Log(LogLevel::kWarning,
        "a sink is configured, but METRICS_SCHEDULER_ENABLED is not set: exports happen on "
        "/metrics/export only");
  }
}

// Clients must not use up the files and threads that sources, sinks and the state need: then
// nothing would be collected any more. 0: no limit.
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
      "the limit on open files or threads is low; fewer clients are let in at once",
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

// As `chatscale rules`, of the policy in effect.
void AddRules(const Advisor& advisor, HttpServer& server) {
  const std::pair<const char*, RuleFile> files[] = {{"/rules/alerts", RuleFile::kAlerts},
                                                    {"/rules/recommender", RuleFile::kRecommender},
                                                    {"/rules/slo", RuleFile::kSlo}};
  for (const auto& [path, file] : files) {
    server.Get(path, [&advisor, file = file](const WebRequest&) {
      return TextResponse(200, PolicyRules(file, *advisor.Policies()));
    });
  }
}

// What answers are made from.
struct ServedParts {
  const Config& config;
  PollLoop& loop;
  Sinks& sinks;
  const DecisionLog& decisions;
  const History& history;
  const Advisor& advisor;
  Reloader& reloader;
  Access& access;
};

void AddLifecycle(const ServedParts& parts, HttpServer& server) {
  server.Post("/-/reload",
              [&reloader = parts.reloader, &access = parts.access](const WebRequest& request) {
                if (IsCrossSite(request)) return CrossSiteRefused();
                if (!access.Authenticates()) return TextResponse(403, "403 needs authentication\n");
                const absl::Status reloaded = reloader.Reload();
                return reloaded.ok() ? TextResponse(200, "reloaded\n")
                                     : TextResponse(500, std::string(reloaded.message()) + "\n");
              });
}

void AddAllRoutes(const ServedParts& parts, std::vector<ShownSetting> settings,
                  HttpServer& server) {
  const absl::Duration ttl = parts.config.scrape_ttl;
  const ReadPublication read = [&loop = parts.loop, ttl](absl::Duration patience) {
    return loop.Read(ttl, patience);
  };
  const ReadDecisions logged = [&log = parts.decisions](const DecisionQuery& query) {
    return ReadLog(log, query);
  };
  AddRoutes(
      read, [&loop = parts.loop] { return loop.Stalled(); }, server);
  AddTargetRoutes(read, server);
  AddRecommendationRoutes(read, logged, server);
  AddPageRoutes({.read = read,
                 .decisions = logged,
                 .history = &parts.history,
                 .settings = std::move(settings)},
                server);
  AddRules(parts.advisor, server);
  AddExportRoute(
      [&sinks = parts.sinks, read, patience = parts.config.request_timeout] {
        return sinks.Export(read(patience), 2 * sinks.longest_try());
      },
      [&access = parts.access] { return access.Authenticates(); }, server);
  if (parts.config.enable_lifecycle) AddLifecycle(parts, server);
}

HttpServerOptions ServerOptions(const Config& config, std::size_t max_connections, Access& access,
                                const std::shared_ptr<SelfMetrics>& self) {
  HttpServerOptions options{.host = config.listen_host,
                            .port = config.listen_port,
                            .max_connections = max_connections,
                            .self = self};
  if (access.configured()) options.authenticator = &access;
  if (access.https()) options.tls = [&access] { return access.Tls(); };
  return options;
}

// Until a signal ends it.
void AwaitEnd(Reloader& reloader, PollLoop& loop) {
  while (true) {
    loop.Stalled();  // which logs it
    const std::string signal = WaitForSignal(kReadFilesEvery);
    if (!signal.empty() && signal != "SIGHUP") {
      return Log(LogLevel::kInfo, "stopping", {{"signal", signal}});
    }
    reloader.Follow(!signal.empty());
  }
}

struct RunningParts {
  HttpServer& server;
  PollLoop& loop;
  ExportSchedule& schedule;
  Sinks& sinks;
  Advisor& advisor;
  const SnapshotSource& source;
  const Reloader& reloader;
};

// False: something hangs, and uses what would be destroyed.
bool EndAll(const RunningParts& parts) {
  // All end at once, within one grace.
  const Stopwatch begun;
  const auto left = [&] { return std::max(absl::ZeroDuration(), kStopGrace - begun.Elapsed()); };
  parts.loop.Stop(absl::ZeroDuration());
  parts.sinks.Stop(absl::ZeroDuration());
  const bool answered = parts.server.Stop();
  const bool stopped = parts.loop.Stop(left());
  parts.schedule.Stop();  // the loop keeps its beat waiting no more
  const bool sent = parts.sinks.Stop(left());
  if (!stopped) return false;  // it may be changing what would be saved
  const bool written = SaveAtTheEnd(parts.advisor);
  return answered && sent && written && !parts.source.Busy() && !parts.reloader.Busy();
}

}  // namespace

int Serve(const Config& config, PolicySet policies, std::vector<ShownSetting> settings) {
  ReturnMemoryEarly();
  BlockSignals();
  const std::size_t connections = ConnectionsWithin(RaiseDescriptorLimit(), ThreadLimit());
  LetSignalsEndUs();
  std::optional<SlowStep> step("read the gateway's configuration");
  auto made = MakeSource(config);
  if (!made.ok()) {
    Log(LogLevel::kError, std::string(made.status().message()));
    return kUsage;
  }
  step.emplace("read the listener's files");
  auto access = MakeAccess(config);
  if (!access.ok()) {
    Log(LogLevel::kError, std::string(access.status().message()));
    return kUsage;
  }
  step.emplace("read the state");
  DecisionLog decisions({.file = config.decisions_file});
  const std::unique_ptr<Advisor> advisor = MakeAdvisor(config, std::move(policies), &decisions);
  const auto self = std::make_shared<SelfMetrics>();
  Reloader reloader(config, advisor.get(), access->get(), *self, absl::Now());
  step.reset();
  BlockSignals();
  HttpServer server(ServerOptions(config, connections, **access, self));
  Sinks sinks(config, self);
  History history;
  PollLoop loop({.mode = ModeName(config.mode),
                 .interval = config.collect_interval,
                 .timeout = config.request_timeout,
                 .max_age = config.max_age,
                 .longest_cycle = std::max(10 * config.collect_interval, absl::Minutes(1)),
                 .naming = *Naming::Of(config.naming, config.mapping),  // checked before
                 .self = self,
                 .advisor = advisor.get(),
                 .published =
                     [&](const Publication& publication) {
                       if (made->follow) made->follow(*publication.view);
                       history.Add(*publication.view);
                       sinks.OfferRound(publication);
                     }},
                made->source.get(), &SystemClock());
  AddAllRoutes({config, loop, sinks, decisions, history, *advisor, reloader, **access},
               std::move(settings), server);
  const auto fresh = [&] { return loop.Read(config.scrape_ttl, config.request_timeout); };
  ExportSchedule schedule({.interval = config.exports.interval,
                           .on_start = config.exports.on_start,
                           .beat = [&] { sinks.OfferBeat(fresh()); },
                           .missed = [&](std::uint64_t count) { sinks.MissedBeats(count); }});
  const auto port = server.Start();
  if (!port.ok()) {
    Log(LogLevel::kError, std::string(port.status().message()));
    return kFailed;
  }
  Log(LogLevel::kInfo, "listening",
      {{"url", ListenUrl(config, *port, (*access)->https())},
       {"mode", ModeName(config.mode)},
       {"version", kVersion}});
  Warn(config, (*access)->Authenticates());
  WarnOfDimensions(config);
  WarnOfExports(config, sinks);
  loop.Start();
  if (config.exports.scheduled && sinks.any_scheduled()) schedule.Start();
  AwaitEnd(reloader, loop);
  if (!EndAll({server, loop, schedule, sinks, *advisor, *made->source, reloader})) {
    ExitAtOnce(EXIT_SUCCESS);  // what hangs holds nothing of ours
  }
  return EXIT_SUCCESS;
}

}  // namespace chatscale
