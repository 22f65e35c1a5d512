#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <set>

#include "exporter/app/commands.h"
#include "exporter/app/load.h"
#include "exporter/app/process.h"
#include "exporter/app/reloader.h"
#include "exporter/app/serve.h"
#include "exporter/app/settings.h"
#include "exporter/files/log.h"
#include "exporter/recommendations/policy_rules.h"

namespace chatscale {
namespace {

LogLevel LevelOf(const std::string& name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warn") return LogLevel::kWarning;
  return name == "error" ? LogLevel::kError : LogLevel::kInfo;
}

// Unknown METRICS_* variables: typing errors, or settings of another version.
std::vector<std::string> UnknownVariables() {
  std::set<std::string> unknown;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string name(*entry, std::string_view(*entry).find('='));
    // Kubernetes adds METRICS_SERVICE_* and METRICS_PORT_* for a Service named "metrics".
    if (name.starts_with("METRICS_") && !name.starts_with("METRICS_SERVICE_") &&
        !name.starts_with("METRICS_PORT_")) {
      unknown.insert(name);
    }
  }
  for (const Setting& setting : Settings()) unknown.erase(std::string(setting.env));
  return {unknown.begin(), unknown.end()};
}

RuleFile FileOf(const std::string& rules) {
  if (rules == "recommender") return RuleFile::kRecommender;
  return rules == "slo" ? RuleFile::kSlo : RuleFile::kAlerts;
}

int Main(int argc, char** argv) {
  const LoadResult loaded = Load(argc, argv, [](std::string_view name) {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  });
  std::cout << loaded.text;
  for (const std::string& fault : loaded.faults) std::cerr << "chatscale: " << fault << "\n";
  if (!loaded.faults.empty()) return kUsage;
  if (!loaded.command_line) return EXIT_SUCCESS;
  const CommandLine& line = *loaded.command_line;
  const Config& config = line.config;
  SetUpLog(LevelOf(config.log_level),
           config.log_format == "json" ? LogFormat::kJson : LogFormat::kText);
  if (line.command == Command::kHealthcheck) return CheckHealth(config, std::cerr);
  std::optional<SlowStep> step("read the policy");
  auto policies = LoadPolicies(config);
  step.reset();
  if (!policies.ok()) {
    std::cerr << "chatscale: " << policies.status().message() << "\n";
    return kUsage;
  }
  switch (line.command) {
    case Command::kSnapshot:
      SetUpLog(LogLevel::kError, LogFormat::kText);  // errors are printed, not logged
      return PrintSnapshot(config, *std::move(policies), line.snapshot_format, line.snapshot_at,
                           std::cout, std::cerr);
    case Command::kCheck:
      return Check(config, *policies, UnknownVariables(), std::cout, std::cerr);
    case Command::kReplay:
      return ReplayFile(*policies, line.replay_file,
                        {.format = line.replay_format == "summary" ? ReplayFormat::kSummary
                                                                   : ReplayFormat::kJsonLines,
                         .redis_limit = config.recommender.redis_limit});
    case Command::kRules:
      std::cout << PolicyRules(FileOf(line.rules), *policies) << std::flush;
      if (std::cout) return EXIT_SUCCESS;
      std::cerr << "chatscale: cannot write to standard output\n";
      return EXIT_FAILURE;
    case Command::kHealthcheck:
      break;
    case Command::kServe:
      for (const std::string& name : UnknownVariables()) {
        const std::string_view replacement = ReplacementOf(name);
        if (replacement.empty()) {
          Log(LogLevel::kWarning, "unknown setting ignored", {{"variable", name}});
        } else {
          Log(LogLevel::kWarning, "removed setting ignored",
              {{"variable", name}, {"replacement", std::string(replacement)}});
        }
      }
      return config.run_once ? RunOnce(config, *std::move(policies))
                             : Serve(config, *std::move(policies), line.settings);
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace chatscale

int main(int argc, char** argv) {
  const int code = chatscale::Main(argc, argv);
  chatscale::FlushLog();
  return code;
}
