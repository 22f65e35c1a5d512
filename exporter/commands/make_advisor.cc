#include "exporter/commands/make_advisor.h"

#include <string>
#include <utility>

#include "exporter/advisor/state/state_file.h"
#include "exporter/log/log.h"

namespace chatscale {
namespace {

States TakeUpStates(const std::string& file) {
  if (file.empty()) return {};
  auto loaded = LoadStates(file);
  if (!loaded.ok()) {
    Log(LogLevel::kWarning, "starting without state",
        {{"error", std::string(loaded.status().message())}});
    return {};
  }
  if (!loaded->warning.empty()) Log(LogLevel::kWarning, loaded->warning);
  return std::move(loaded->states);
}

}  // namespace

std::unique_ptr<Advisor> MakeAdvisor(const Config& config, PolicySet policies,
                                     DecisionLog* decisions, StateFile state_file) {
  const AdvisorOptions options{
      .state_file = state_file == StateFile::kKept ? config.state_file : "",
      .document_time = config.mode == Mode::kDemo,
      .dry_run = config.dry_run,
      .redis_limit = config.redis_max_clients};
  return std::make_unique<Advisor>(std::move(policies), TakeUpStates(config.state_file), options,
                                   decisions);
}

}  // namespace chatscale
