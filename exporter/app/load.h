// Configuration loading: argv and environment to a command line. Reports all errors at once.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/app/config.h"
#include "exporter/model/view.h"

namespace chatscale {

// Errors in combinations of settings, one line each: variable, value, what is allowed. Empty:
// valid. Pure, except that named files are checked.
std::vector<std::string> CheckTogether(const Config& config);

enum class Command { kServe, kSnapshot, kCheck, kReplay, kRules, kHealthcheck };

struct CommandLine {
  Command command = Command::kServe;
  std::string snapshot_format = "keys";   // keys, prometheus, system or a sink
  std::string replay_format = "jsonl";    // jsonl or summary
  std::string rules = "alerts";           // alerts, recommender or slo
  std::string replay_file = "-";          // "-" is standard input
  std::optional<absl::Time> snapshot_at;  // redis mode: the instant to evaluate; default now
  Config config;
  std::vector<ShownSetting> settings;  // effective settings, in the order of the README's table
};

// Callback: value of an environment variable; nullopt: not set.
using Environment = std::function<std::optional<std::string>(std::string_view)>;

struct LoadResult {
  std::optional<CommandLine> command_line;  // present when there is a command to run
  std::vector<std::string> faults;          // one line each; none contains a secret
  std::string text;                         // output of --help or --version
};

// Fills exactly one of command_line, faults and text. A flag takes precedence over its variable; an
// empty variable counts as not set.
LoadResult Load(int argc, const char* const* argv, const Environment& environment);

}  // namespace chatscale
