#include "exporter/config/check.h"

#include <filesystem>
#include <fstream>

#include "exporter/files/read_file.h"
#include "exporter/metrics/naming.h"

namespace chatscale {
namespace {

void CheckReadable(const char* variable, const std::string& path,
                   std::vector<std::string>& faults) {
  std::error_code error;
  const bool folder = std::filesystem::is_directory(path, error);  // which can be opened
  if (path.empty() || (!folder && std::ifstream(path).good())) return;
  faults.push_back(std::string(variable) + "=\"" + path + "\": expected a readable file");
}

void CheckSecret(const char* variable, const std::string& path, std::vector<std::string>& faults) {
  if (path.empty()) return;
  const absl::Status status = ReadSecretFile(path).status();
  if (status.ok()) return;
  faults.push_back(std::string(variable) + "=\"" + path +
                   "\": expected a readable file: " + std::string(status.message()));
}

void CheckProxy(const ProxyConfig& proxy, std::vector<std::string>& faults) {
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
  if (proxy.client_cert_file.empty() != proxy.client_key_file.empty()) {
    faults.emplace_back("METRICS_TLS_CERT_FILE and METRICS_TLS_KEY_FILE: expected both or neither");
  }
  CheckReadable("METRICS_TLS_CA_FILE", proxy.ca_file, faults);
  CheckReadable("METRICS_TLS_CERT_FILE", proxy.client_cert_file, faults);
  CheckReadable("METRICS_TLS_KEY_FILE", proxy.client_key_file, faults);
}

void CheckRedis(const Config& config, std::vector<std::string>& faults) {
  if (config.redis.discover && !config.redis.targets.empty()) {
    faults.emplace_back(
        "METRICS_TARGETS=\"discover\": expected METRICS_TARGETS_JSON not to be set as well");
  }
  if (!config.postgres.password.empty() && !config.postgres.password_file.empty()) {
    faults.emplace_back("POSTGRES_PASSWORD_FILE: expected POSTGRES_PASSWORD not to be set as well");
  }
  CheckSecret("REDIS_PASSWORD_FILE", config.redis.password_file, faults);
  CheckReadable("REDIS_TLS_CA_FILE", config.redis.ca_file, faults);
  CheckReadable("GATEWAY_YAML_PATH", config.redis.gateway_yaml_path, faults);
  if (config.postgres.enabled) {
    CheckSecret("POSTGRES_PASSWORD_FILE", config.postgres.password_file, faults);
  }
}

// What is added to every series takes the place of their own labels: two would become one.
void CheckDistinguishing(const Config& config, const std::string& variable, const std::string& what,
                         const std::vector<std::pair<std::string, std::string>>& added,
                         std::vector<std::string>& faults) {
  for (const auto& [name, value] : added) {
    const bool of_target = name == "tenant" || name == "project";
    if (name == "component" || (of_target && HasSeveralTargets(config))) {
      faults.push_back(variable + ": expected no " + what + " \"" + name + "\"" +
                       (of_target ? " with several targets" : ", which tells the services apart"));
    }
  }
}

void CheckPushgateway(const Config& config, std::vector<std::string>& faults) {
  const PushgatewayConfig& push = config.pushgateway;
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
  if (push.client_cert_file.empty() != push.client_key_file.empty()) {
    faults.emplace_back(
        "METRICS_PROM_PUSHGATEWAY_CERT_FILE and METRICS_PROM_PUSHGATEWAY_KEY_FILE: expected both "
        "or "
        "neither");
  }
  CheckDistinguishing(config, "METRICS_PROM_GROUPING_LABELS_JSON", "label", push.grouping, faults);
  CheckSecret("METRICS_PROM_PUSHGATEWAY_PASSWORD_FILE", push.password_file, faults);
  CheckReadable("METRICS_PROM_PUSHGATEWAY_CA_FILE", push.ca_file, faults);
  CheckReadable("METRICS_PROM_PUSHGATEWAY_CERT_FILE", push.client_cert_file, faults);
  CheckReadable("METRICS_PROM_PUSHGATEWAY_KEY_FILE", push.client_key_file, faults);
}

void CheckCloudWatch(const Config& config, std::vector<std::string>& faults) {
  const CloudWatchConfig& cloudwatch = config.cloudwatch;
  CheckDistinguishing(config, "METRICS_CLOUDWATCH_DIMENSIONS_JSON", "dimension",
                      cloudwatch.dimensions, faults);
  if (cloudwatch.region.empty()) {
    faults.emplace_back(
        "METRICS_EXPORT_CLOUDWATCH=\"1\": expected METRICS_CLOUDWATCH_REGION, AWS_REGION or "
        "AWS_DEFAULT_REGION to be set");
  }
  if (cloudwatch.key_id.empty() != cloudwatch.secret.empty()) {
    faults.emplace_back("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: expected both or neither");
  }
  if (!cloudwatch.profile.empty()) {
    CheckReadable("AWS_SHARED_CREDENTIALS_FILE", cloudwatch.credentials_file, faults);
  }
  CheckSecret("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", cloudwatch.container_token_file, faults);
  std::error_code error;
  const bool known = !cloudwatch.key_id.empty() || !cloudwatch.profile.empty() ||
                     !cloudwatch.container_relative_uri.empty() ||
                     !cloudwatch.container_full_uri.empty() ||
                     std::filesystem::exists(cloudwatch.credentials_file, error);
  if (!known && cloudwatch.metadata_disabled) {
    faults.emplace_back(
        "METRICS_EXPORT_CLOUDWATCH=\"1\": expected credentials: AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or what ECS, EKS or EC2 set");
  }
}

}  // namespace

std::vector<std::string> CheckTogether(const Config& config) {
  std::vector<std::string> faults;
  if (config.max_age < config.collect_interval) {
    faults.push_back("METRICS_MAX_AGE_SEC=\"" + absl::FormatDuration(config.max_age) +
                     "\": expected not less than METRICS_COLLECT_INTERVAL_SEC (" +
                     absl::FormatDuration(config.collect_interval) + ")");
  }
  if (config.request_timeout > config.max_age) {
    faults.push_back(
        "METRICS_REQUEST_TIMEOUT_SEC=\"" + absl::FormatDuration(config.request_timeout) +
        "\": expected not more than METRICS_MAX_AGE_SEC (" + absl::FormatDuration(config.max_age) +
        "), or what is collected is too old to be shown");
  }
  if (config.exports.once && !HasSink(config)) {
    faults.emplace_back(
        "METRICS_RUN_ONCE=\"1\": expected a sink to be set: METRICS_EXPORT_CLOUDWATCH, "
        "METRICS_EXPORT_OTLP, "
        "METRICS_EXPORT_PROMETHEUS_PUSH or METRICS_TEXTFILE_PATH");
  }
  if (const auto naming = Naming::Of(config.naming, config.mapping); !naming.ok()) {
    faults.push_back("METRICS_MAPPING_JSON: " + std::string(naming.status().message()));
  }
  if (config.pushgateway.enabled) CheckPushgateway(config, faults);
  if (config.otlp.enabled) CheckReadable("METRICS_OTLP_CA_FILE", config.otlp.ca_file, faults);
  if (config.cloudwatch.enabled) CheckCloudWatch(config, faults);
  if (config.mode == Mode::kProxy) CheckProxy(config.proxy, faults);
  if (config.mode == Mode::kRedis) CheckRedis(config, faults);
  return faults;
}

}  // namespace chatscale
