#include "exporter/config/load.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "exporter/config/check.h"
#include "exporter/config/settings.h"
#include "exporter/model/build_info.h"

namespace chatscale {
namespace {

std::string FlagHelp(const Setting& setting) {
  std::string help(setting.help);
  if (!setting.value.default_text.empty()) {
    help += " [default: " + setting.value.default_text + "]";
  }
  return help + " (env " + std::string(setting.env) + ")";
}

// Whatever may be a credential in a URL-like value is left out: "http://***@host/?***".
std::string WithoutCredentials(std::string_view value) {
  if (const auto query = value.find_first_of("?#"); query != value.npos) {
    return WithoutCredentials(value.substr(0, query)) + std::string(1, value[query]) + "***";
  }
  const auto at = value.rfind('@');
  if (at == value.npos) return std::string(value);
  const auto scheme = value.find("://");
  const auto start = scheme == value.npos || scheme > at ? 0 : scheme + 3;
  return std::string(value.substr(0, start)) + "***" + std::string(value.substr(at));
}

// The wording of every configuration fault: the variable, the value, what is allowed.
std::string Fault(const Setting& setting, std::string_view name, std::string_view value) {
  const std::string shown = setting.secret ? "(hidden)" : "\"" + WithoutCredentials(value) + "\"";
  std::string fault = std::string(name) + "=" + shown + ": expected " + setting.value.allowed;
  // Kubernetes sets NAME_PORT=tcp://... for every Service: one called "metrics" hits our variable.
  if (setting.env == "METRICS_PORT" && value.substr(0, 6) == "tcp://") {
    fault +=
        "; a Kubernetes Service named \"metrics\" sets this variable: "
        "set enableServiceLinks: false or METRICS_PORT yourself";
  }
  return fault;
}

// Secrets, and variables of others.
std::string EnvironmentHelp() {
  std::string text = "From the environment only:\n";
  for (const Setting& setting : Settings()) {
    if (!setting.flag.empty()) continue;
    std::string name = "  " + std::string(setting.env);
    if (name.size() < 30) name.resize(30, ' ');
    text += name + " " + std::string(setting.help) + "\n";
  }
  return text;
}

// Arguments that nobody expects. Their values are not repeated: one may be a secret, which has no
// flag for that reason.
std::vector<std::string> FaultsOfExtras(const std::vector<std::string>& extras) {
  std::vector<std::string> faults;
  bool after_flag = false;
  for (const std::string& extra : extras) {
    const bool flag = extra.size() > 1 && extra.front() == '-';
    if (flag) {
      faults.push_back("unknown flag " + extra.substr(0, extra.find('=')) +
                       "; chatscale --help lists all");
    } else if (!after_flag) {
      faults.emplace_back("an argument that is neither a command nor a flag; see chatscale --help");
    }
    after_flag = flag && extra.find('=') == extra.npos;
  }
  return faults;
}

constexpr absl::Duration kShortestTick = absl::Milliseconds(15);

// Raw texts of the flags, by setting.
using FlagTexts = std::map<std::string_view, std::string>;

ShownSetting Shown(const Setting& setting, const std::optional<std::string>& text) {
  if (!text) return {std::string(setting.env), setting.value.default_text, false};
  return {std::string(setting.env), setting.secret ? "(hidden)" : WithoutCredentials(*text), true};
}

void TakeSettings(const FlagTexts& flags, const Environment& environment, LoadResult& result,
                  CommandLine& line) {
  Config& config = line.config;
  std::map<std::string_view, bool> given;
  for (const Setting& setting : Settings()) {
    const auto flag = flags.find(setting.flag);
    std::string_view name = setting.flag;
    std::optional<std::string> text;
    if (!setting.flag.empty() && flag != flags.end()) {
      text = flag->second;
    } else {
      name = setting.env;
      text = environment(setting.env);
      if (text && text->empty()) text.reset();
    }
    line.settings.push_back(Shown(setting, text));
    if (!text) continue;
    given[setting.env] = true;
    if (!setting.value.take(*text, config)) result.faults.push_back(Fault(setting, name, *text));
  }
  std::string& credentials = config.cloudwatch.credentials_file;
  if (credentials.starts_with("~/")) {
    credentials = environment("HOME").value_or("") + credentials.substr(1);
  }
  if (!given["METRICS_MAX_AGE_SEC"]) config.max_age = 5 * config.collect_interval;
  if (!given["METRICS_REQUEST_TIMEOUT_SEC"]) {
    config.request_timeout = std::min(config.request_timeout, config.max_age);
  }
  if (config.mode == Mode::kDemo && !given["METRICS_COLLECT_INTERVAL_SEC"]) {
    // The usual interval in simulated time, as far as that makes sense.
    config.collect_interval = std::max(config.collect_interval / config.demo.speed, kShortestTick);
  }
}

// Of a subcommand: its own flags, then those that all share.
std::string HelpOf(CLI::App& app) {
  std::string text;
  for (CLI::App* subcommand : app.get_subcommands()) {
    subcommand->footer("");
    text += subcommand->help() + "\n";
  }
  // Not app.help(), which is that of the subcommand.
  return text + app.get_formatter()->make_help(&app, "chatscale", CLI::AppFormatMode::Normal);
}

CLI::App* AddReplay(CLI::App& app, CommandLine& line) {
  CLI::App* replay =
      app.add_subcommand("replay", "Recorded documents, one a line, to recommendations")
          ->fallthrough();
  replay->add_option("--format", line.replay_format, "jsonl or summary")
      ->check(CLI::IsMember({"jsonl", "summary"}))
      ->type_name("");
  replay->add_option("file", line.replay_file, "File to read; - is standard input")->type_name("");
  return replay;
}

CLI::App* AddRules(CLI::App& app, CommandLine& line) {
  CLI::App* rules =
      app.add_subcommand("rules", "The policy as rules for Prometheus")->fallthrough();
  rules->add_option("file", line.rules, "alerts (the default), recommender or slo")
      ->check(CLI::IsMember({"alerts", "recommender", "slo"}))
      ->type_name("");
  return rules;
}

}  // namespace

LoadResult Load(int argc, const char* const* argv, const Environment& environment) {
  LoadResult result;
  CommandLine line;
  CLI::App app("Prometheus exporter and replica recommender for chat systems.", "chatscale");
  app.set_version_flag("--version", std::string("chatscale ") + kVersion + " (" + kRevision + ", " +
                                        kCompiler + ")");
  app.footer(EnvironmentHelp());
  app.require_subcommand(0, 1);
  app.allow_extras();
  std::map<std::string_view, std::string> texts;
  for (const Setting& setting : Settings()) {
    if (setting.flag.empty()) continue;
    // Checked by TakeSettings, so that all faults are told at once.
    app.add_option_function<std::string>(
           std::string(setting.flag),
           [&texts, flag = setting.flag](const std::string& text) { texts[flag] = text; },
           FlagHelp(setting))
        ->type_name("");
  }
  app.add_subcommand("serve", "Collect, serve and recommend (the default)")->fallthrough();
  CLI::App* snapshot = app.add_subcommand("snapshot", "Collect once and print")->fallthrough();
  CLI::App* check = app.add_subcommand("check", "Check the configuration")->fallthrough();
  snapshot
      ->add_option(
          "--format", line.snapshot_format,
          "keys, prometheus, system, or what would be sent: cloudwatch, pushgateway or otlp")
      ->check(CLI::IsMember({"keys", "prometheus", "system", "cloudwatch", "pushgateway", "otlp"}))
      ->type_name("");
  CLI::App* replay = AddReplay(app, line);
  CLI::App* rules = AddRules(app, line);
  CLI::App* healthcheck =
      app.add_subcommand("healthcheck", "Whether the server of this configuration answers")
          ->fallthrough();
  std::optional<double> at;
  snapshot
      ->add_option("--at", at, "Redis mode: the instant to look from, Unix seconds [default: now]")
      ->type_name("");
  for (CLI::App* subcommand : app.get_subcommands(nullptr)) subcommand->allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    result.text = success.get_name() == "CallForVersion" ? app.version() + "\n" : HelpOf(app);
    return result;
  } catch (const CLI::ParseError& error) {
    result.faults.emplace_back(error.what());
    return result;
  }
  if (snapshot->parsed()) line.command = Command::kSnapshot;
  result.faults = FaultsOfExtras(app.remaining(true));
  constexpr double kLatest = 1e11;
  if (at && !(*at >= 0 && *at <= kLatest)) {
    result.faults.emplace_back("--at: expected Unix seconds from 0 to 1e11");
  } else if (at) {
    line.snapshot_at = absl::UnixEpoch() + absl::Seconds(*at);
  }
  if (check->parsed()) line.command = Command::kCheck;
  if (replay->parsed()) line.command = Command::kReplay;
  if (rules->parsed()) line.command = Command::kRules;
  if (healthcheck->parsed()) line.command = Command::kHealthcheck;
  TakeSettings(texts, environment, result, line);
  // These read no source.
  const bool pure = line.command == Command::kReplay || line.command == Command::kRules ||
                    line.command == Command::kHealthcheck;
  if (result.faults.empty() && !pure) result.faults = CheckTogether(line.config);
  if (result.faults.empty()) result.command_line = std::move(line);
  return result;
}

}  // namespace chatscale
