#include "exporter/commands/take_up_states.h"

#include <utility>

#include "exporter/log/log.h"

namespace chatscale {

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

}  // namespace chatscale
