#include "exporter/app/load.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>

#include "exporter/app/settings.h"
#include "exporter/files/files.h"
#include "exporter/metrics/naming.h"
#include "exporter/model/build_info.h"

namespace chatscale {

namespace {

void CheckReadable(const char* variable, const std::string& path,
                   std::vector<std::string>& faults) {
  std::error_code error;
  // Never opened: a FIFO would block until somebody writes.
  if (path.empty() ||
      (std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), R_OK) == 0)) {
    return;
  }
  faults.push_back(std::string(variable) + "=\"" + path + "\": expected a readable file");
}

void CheckSecret(const char* variable, const std::string& path, std::vector<std::string>& faults) {
  if (path.empty()) return;
  const absl::Status status = ReadSecretFile(path).status();
  if (status.ok()) return;
  faults.push_back(std::string(variable) + "=\"" + path +
                   "\": expected a readable file: " + std::string(status.message()));
}

void CheckProxy(const ProxySourceOptions& proxy, std::vector<std::string>& faults) {
  if (proxy.base_url.ingress.empty() && proxy.base_url.proc.empty()) {
    faults.emplace_back(
        "METRICS_MODE=\"proxy\": expected METRICS_INGRESS_BASE_URL or METRICS_PROC_BASE_URL to be "
        "set");
  }
  const bool value = !proxy.header_value.empty() || !proxy.header_value_file.empty();
  if (value == proxy.header_name.empty()) {
    faults.emplace_back(
        value
            ? "METRICS_AUTH_HEADER_VALUE: expected METRICS_AUTH_HEADER_NAME to be set as well"
            : "METRICS_AUTH_HEADER_NAME=\"" + proxy.header_name +
                  "\": expected METRICS_AUTH_HEADER_VALUE or METRICS_AUTH_HEADER_VALUE_FILE to be "
                  "set as well");
  }
  if (!proxy.header_value.empty() && !proxy.header_value_file.empty()) {
    faults.emplace_back(
        "METRICS_AUTH_HEADER_VALUE_FILE: expected METRICS_AUTH_HEADER_VALUE not to be set as well");
  }
  if (proxy.http.client_cert_file.empty() != proxy.http.client_key_file.empty()) {
    faults.emplace_back("METRICS_TLS_CERT_FILE and METRICS_TLS_KEY_FILE: expected both or neither");
  }
  CheckReadable("METRICS_TLS_CA_FILE", proxy.http.ca_file, faults);
  CheckReadable("METRICS_TLS_CERT_FILE", proxy.http.client_cert_file, faults);
  CheckReadable("METRICS_TLS_KEY_FILE", proxy.http.client_key_file, faults);
}

void CheckRedis(const Config& config, std::vector<std::string>& faults) {
  if (config.redis.discover && !config.redis.targets.empty()) {
    faults.emplace_back(
        "METRICS_TARGETS=\"discover\": expected METRICS_TARGETS_JSON not to be set as well");
  }
  if (!config.postgres.password.empty() && !config.postgres.password_file.empty()) {
    faults.emplace_back("POSTGRES_PASSWORD_FILE: expected POSTGRES_PASSWORD not to be set as well");
  }
  CheckSecret("REDIS_PASSWORD_FILE", config.redis.connection.password_file, faults);
  CheckReadable("REDIS_TLS_CA_FILE", config.redis.connection.ca_file, faults);
  CheckReadable("GATEWAY_YAML_PATH", config.redis.gateway_yaml_path, faults);
  if (config.postgres.enabled) {
    CheckSecret("POSTGRES_PASSWORD_FILE", config.postgres.password_file, faults);
  }
}

// A fixed label replaces a series' own label of that name, which would merge two series.
void CheckDistinguishing(const Config& config, const std::string& variable, const std::string& what,
                         const std::vector<std::pair<std::string, std::string>>& added,
                         std::vector<std::string>& faults) {
  for (const auto& [name, value] : added) {
    const bool of_target = name == "tenant" || name == "project";
    if (name == "component" || (of_target && HasSeveralTargets(config))) {
      faults.push_back(
          variable + ": expected no " + what + " \"" + name + "\"" +
          (of_target ? " with several targets" : ", which distinguishes the services"));
    }
  }
}

void CheckPushgateway(const Config& config, std::vector<std::string>& faults) {
  const PushgatewayOptions& push = config.pushgateway;
  if (push.url.empty()) {
    faults.emplace_back(
        "METRICS_EXPORT_PROMETHEUS_PUSH=\"1\": expected METRICS_PROM_PUSHGATEWAY_URL to be set");
  }
  if (push.user.empty() != push.password_file.empty()) {
    faults.emplace_back(
        "METRICS_PROM_PUSHGATEWAY_USER and METRICS_PROM_PUSHGATEWAY_PASSWORD_FILE: expected both "
        "or "
        "neither");
  }
  if (!push.password_file.empty() && push.url.find('@') != push.url.npos) {
    faults.emplace_back(
        "METRICS_PROM_PUSHGATEWAY_PASSWORD_FILE: expected METRICS_PROM_PUSHGATEWAY_URL without a "
        "user");
  }
  if (push.http.client_cert_file.empty() != push.http.client_key_file.empty()) {
    faults.emplace_back(
        "METRICS_PROM_PUSHGATEWAY_CERT_FILE and METRICS_PROM_PUSHGATEWAY_KEY_FILE: expected both "
        "or "
        "neither");
  }
  CheckDistinguishing(config, "METRICS_PROM_GROUPING_LABELS_JSON", "label", push.grouping, faults);
  CheckSecret("METRICS_PROM_PUSHGATEWAY_PASSWORD_FILE", push.password_file, faults);
  CheckReadable("METRICS_PROM_PUSHGATEWAY_CA_FILE", push.http.ca_file, faults);
  CheckReadable("METRICS_PROM_PUSHGATEWAY_CERT_FILE", push.http.client_cert_file, faults);
  CheckReadable("METRICS_PROM_PUSHGATEWAY_KEY_FILE", push.http.client_key_file, faults);
}

void CheckCloudWatch(const Config& config, std::vector<std::string>& faults) {
  const CloudWatchOptions& cloudwatch = config.cloudwatch;
  const AwsCredentialsOptions& from = cloudwatch.credentials;
  CheckDistinguishing(config, "METRICS_CLOUDWATCH_DIMENSIONS_JSON", "dimension",
                      cloudwatch.dimensions, faults);
  if (cloudwatch.region.empty()) {
    faults.emplace_back(
        "METRICS_EXPORT_CLOUDWATCH=\"1\": expected METRICS_CLOUDWATCH_REGION, AWS_REGION or "
        "AWS_DEFAULT_REGION to be set");
  }
  if (from.key_id.empty() != from.secret.empty()) {
    faults.emplace_back("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: expected both or neither");
  }
  if (!from.profile.empty()) {
    CheckReadable("AWS_SHARED_CREDENTIALS_FILE", from.credentials_file, faults);
  }
  CheckSecret("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", from.container_token_file, faults);
  std::error_code error;
  const bool known = !from.key_id.empty() || !from.profile.empty() ||
                     !from.container_relative_uri.empty() || !from.container_full_uri.empty() ||
                     std::filesystem::exists(from.credentials_file, error);
  if (!known && from.metadata_disabled) {
    faults.emplace_back(
        "METRICS_EXPORT_CLOUDWATCH=\"1\": expected credentials: AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or what ECS, EKS or EC2 set");
  }
}

}  // namespace

std::vector<std::string> CheckTogether(const Config& config) {
  std::vector<std::string> faults;
  if (config.collection.max_age < config.collection.interval) {
    faults.push_back("METRICS_MAX_AGE_SEC=\"" + absl::FormatDuration(config.collection.max_age) +
                     "\": expected not less than METRICS_COLLECT_INTERVAL_SEC (" +
                     absl::FormatDuration(config.collection.interval) + ")");
  }
  if (config.collection.timeout > config.collection.max_age) {
    faults.push_back("METRICS_REQUEST_TIMEOUT_SEC=\"" +
                     absl::FormatDuration(config.collection.timeout) +
                     "\": expected not more than METRICS_MAX_AGE_SEC (" +
                     absl::FormatDuration(config.collection.max_age) +
                     "), or what is collected is too old to be shown");
  }
  if (config.run_once && !HasSink(config)) {
    faults.emplace_back(
        "METRICS_RUN_ONCE=\"1\": expected a sink to be set: METRICS_EXPORT_CLOUDWATCH, "
        "METRICS_EXPORT_OTLP, "
        "METRICS_EXPORT_PROMETHEUS_PUSH or METRICS_TEXTFILE_PATH");
  }
  if (const auto naming = Naming::Of(config.naming, config.mapping); !naming.ok()) {
    faults.push_back("METRICS_MAPPING_JSON: " + std::string(naming.status().message()));
  }
  if (config.pushgateway.enabled) CheckPushgateway(config, faults);
  if (config.otlp.enabled) CheckReadable("METRICS_OTLP_CA_FILE", config.otlp.http.ca_file, faults);
  if (config.cloudwatch.enabled) CheckCloudWatch(config, faults);
  if (config.mode == Mode::kProxy) CheckProxy(config.proxy, faults);
  if (config.mode == Mode::kRedis) CheckRedis(config, faults);
  return faults;
}

namespace {

std::string FlagHelp(const Setting& setting) {
  std::string help(setting.help);
  if (!setting.value.default_text.empty()) {
    help += " [default: " + setting.value.default_text + "]";
  }
  return help + " (env " + std::string(setting.env) + ")";
}

// Hides possible credentials in a URL: "http://***@host/?***".
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

// The format of configuration errors: variable, value, what is allowed.
std::string Fault(const Setting& setting, std::string_view name, std::string_view value) {
  constexpr std::size_t kMostShown = 200;
  const bool cut = value.size() > kMostShown;
  const std::string shown =
      setting.secret
          ? "(hidden)"
          : "\"" + WithoutCredentials(value).substr(0, kMostShown) + (cut ? "…\"" : "\"");
  std::string fault = std::string(name) + "=" + shown + ": expected " + setting.value.allowed;
  // Kubernetes sets NAME_PORT=tcp://... for every Service; one called "metrics" sets this variable.
  if (setting.env == "METRICS_PORT" && value.substr(0, 6) == "tcp://") {
    fault +=
        "; a Kubernetes Service named \"metrics\" sets this variable: "
        "set enableServiceLinks: false or METRICS_PORT yourself";
  }
  return fault;
}

// Settings without a flag: secrets, and variables of other programs.
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

// Unexpected arguments. Values are not printed: one may be a secret, as secrets have no flag.
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

// Raw flag values, by flag.
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
  std::string& credentials = config.cloudwatch.credentials.credentials_file;
  if (credentials.starts_with("~/")) {
    credentials = environment("HOME").value_or("") + credentials.substr(1);
  }
  if (!given["METRICS_MAX_AGE_SEC"]) config.collection.max_age = 5 * config.collection.interval;
  if (!given["METRICS_REQUEST_TIMEOUT_SEC"]) {
    config.collection.timeout = std::min(config.collection.timeout, config.collection.max_age);
  }
  if (config.mode == Mode::kDemo && !given["METRICS_COLLECT_INTERVAL_SEC"]) {
    // The usual interval in simulated time, with a lower bound.
    config.collection.interval =
        std::max(config.collection.interval / config.demo.speed, kShortestTick);
  }
}

// Help of the subcommand, if any: its own flags, then the common ones.
std::string HelpOf(CLI::App& app) {
  std::string text;
  for (CLI::App* subcommand : app.get_subcommands()) {
    subcommand->footer("");
    text += subcommand->help() + "\n";
  }
  // app.help() would print the subcommand's help.
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
    // Validated by TakeSettings, so that all errors are reported at once.
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
  // Commands that read no source.
  const bool pure = line.command == Command::kReplay || line.command == Command::kRules ||
                    line.command == Command::kHealthcheck;
  if (result.faults.empty() && !pure) result.faults = CheckTogether(line.config);
  if (result.faults.empty()) result.command_line = std::move(line);
  return result;
}

}  // namespace chatscale
