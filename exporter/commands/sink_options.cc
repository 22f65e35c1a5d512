#include "exporter/commands/sink_options.h"

#include <filesystem>

#include "exporter/sinks/cloudwatch/aws_metadata.h"
#include "exporter/sinks/cloudwatch/aws_profile.h"

namespace chatscale {

PushgatewayOptions PushgatewayOf(const PushgatewayConfig& config) {
  return {.url = config.url,
          .job = config.job,
          .grouping = config.grouping,
          .user = config.user,
          .password_file = config.password_file,
          .http = {.ca_file = config.ca_file,
                   .client_cert_file = config.client_cert_file,
                   .client_key_file = config.client_key_file,
                   .environment_proxy = true},
          .delete_at_end = config.delete_at_end};
}

CloudWatchOptions CloudWatchOf(const Config& config) {
  const CloudWatchConfig& cloudwatch = config.cloudwatch;
  // A scaling policy names all dimensions of a metric, and the upstream sends the configured ones.
  const bool as_upstream = config.naming == NameScheme::kKdcube && !HasSeveralTargets(config);
  return {.endpoint = cloudwatch.endpoint,
          .region = cloudwatch.region,
          .name_space = cloudwatch.name_space,
          .dimensions = cloudwatch.dimensions,
          .name_targets = !as_upstream,
          .high_resolution = cloudwatch.high_resolution};
}

OtlpOptions OtlpOf(const OtlpConfig& config) {
  return {.endpoint = config.endpoint,
          .headers = config.headers,
          .resource = config.resource,
          .compress = config.compression == "gzip",
          .http = {.ca_file = config.ca_file, .environment_proxy = true}};
}

FetchAwsCredentials AwsCredentialsOf(const CloudWatchConfig& config) {
  if (!config.key_id.empty()) {
    return [credentials = AwsCredentials{config.key_id, config.secret, config.session_token}](
               absl::Duration) { return credentials; };
  }
  std::error_code error;
  if (!config.profile.empty() || std::filesystem::exists(config.credentials_file, error)) {
    return FromAwsProfile(config.credentials_file,
                          config.profile.empty() ? "default" : config.profile);
  }
  const std::string& relative = config.container_relative_uri;
  const std::string url = relative.empty() ? config.container_full_uri : kEcsHost + relative;
  if (!url.empty()) {
    return FromContainer({url, config.container_token, config.container_token_file});
  }
  return FromInstance(config.metadata_endpoint);
}

}  // namespace chatscale
