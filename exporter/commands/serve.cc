#include "exporter/commands/serve.h"

#include <unistd.h>

#include <cstdlib>

#include "exporter/commands/make_source.h"
#include "exporter/commands/process.h"
#include "exporter/core/build_info.h"
#include "exporter/log/log.h"
#include "exporter/loop/poll_loop.h"
#include "exporter/web/http_server.h"
#include "exporter/web/routes.h"

namespace chatscale {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr absl::Duration kStopGrace = absl::Seconds(3);

bool IsEveryInterface(const std::string& host) {
  return host.empty() || host == "0.0.0.0" || host == "::";
}

void Warn(const Config& config, const std::vector<std::string>& ignored_variables) {
  for (const std::string& name : ignored_variables) {
    Log(LogLevel::kWarning, "unknown setting ignored", {{"variable", name}});
  }
  if (config.mode == Mode::kDemo) {
    Log(LogLevel::kWarning, "demo mode: every figure is simulated",
        {{"seed", std::to_string(config.demo.seed)}});
  }
  if (IsEveryInterface(config.listen_host)) {
    Log(LogLevel::kWarning,
        "listening on every interface without authentication; --web.listen-address limits it");
  }
}

std::string Url(const Config& config, int port) {
  std::string host = IsEveryInterface(config.listen_host) ? "localhost" : config.listen_host;
  if (host.find(':') != host.npos) host = "[" + host + "]";
  return "http://" + host + ":" + std::to_string(port) + "/";
}

}  // namespace

int Serve(const Config& config, const std::vector<std::string>& ignored_variables) {
  BlockSignals();
  RaiseDescriptorLimit();
  auto source = MakeSource(config);
  if (!source.ok()) {
    Log(LogLevel::kError, std::string(source.status().message()));
    return kUsage;
  }
  HttpServer server({.host = config.listen_host, .port = config.listen_port});
  PollLoop loop({.mode = ModeName(config.mode),
                 .interval = config.collect_interval,
                 .timeout = config.request_timeout,
                 .max_age = config.max_age,
                 .http_stats = [&server] { return server.Stats(); }},
                source->get(), &SystemClock());
  AddRoutes([&](absl::Duration patience) { return loop.Read(config.scrape_ttl, patience); },
            server);
  const auto port = server.Start();
  if (!port.ok()) {
    Log(LogLevel::kError, std::string(port.status().message()));
    return kFailed;
  }
  Log(LogLevel::kInfo, "listening",
      {{"url", Url(config, *port)}, {"mode", ModeName(config.mode)}, {"version", kVersion}});
  Warn(config, ignored_variables);
  loop.Start();
  Log(LogLevel::kInfo, "stopping", {{"signal", WaitForSignal()}});
  server.Stop();
  if (!loop.Stop(kStopGrace)) std::_Exit(EXIT_SUCCESS);  // a hanging source holds nothing of ours
  return EXIT_SUCCESS;
}

}  // namespace chatscale
