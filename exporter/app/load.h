// argv + environment -> what to do and with which configuration. Reports every fault at once.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/app/config.h"
#include "exporter/model/view.h"

namespace chatscale {

// Faults that lie in settings together, not in one alone. Pure, but for looking at named files.

// One line each: the variable, the value, what is allowed. Empty when all is well.
std::vector<std::string> CheckTogether(const Config& config);

enum class Command { kServe, kSnapshot, kCheck, kReplay, kRules, kHealthcheck };

struct CommandLine {
  Command command = Command::kServe;
  std::string snapshot_format = "keys";   // keys, prometheus, system or a sink
  std::string replay_format = "jsonl";    // jsonl or summary
  std::string rules = "alerts";           // alerts, recommender or slo
  std::string replay_file = "-";          // "-" is standard input
  std::optional<absl::Time> snapshot_at;  // redis mode: the instant to look from; default now
  Config config;
  std::vector<ShownSetting> settings;  // in effect, in the order of the README's table
};

// Value of an environment variable; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view)>;

struct LoadResult {
  std::optional<CommandLine> command_line;  // present when there is something to do
  std::vector<std::string> faults;          // one line each; none contains a secret
  std::string text;                         // what --help or --version asked for
};

// Exactly one of command_line, faults and text is filled. A flag beats its variable; an empty
// variable counts as not set.
LoadResult Load(int argc, const char* const* argv, const Environment& environment);

}  // namespace chatscale
