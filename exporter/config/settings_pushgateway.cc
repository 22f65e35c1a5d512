// Pushgateway.
#include "exporter/config/setting_text.h"
#include "exporter/config/settings_subjects.h"

namespace chatscale {
namespace {

using Push = PushgatewayConfig;
constexpr auto kPush = &Config::pushgateway;

bool TakeUrl(std::string_view text, Config& c) {
  const auto url = BaseUrlWithUserFrom(text);
  if (url) c.pushgateway.url = *url;
  return url.has_value();
}

bool TakeGrouping(std::string_view text, Config& c) {
  const auto map = TextMapFrom(text);
  if (!map) return false;
  for (const auto& [name, value] : *map) {
    if (!IsLabelName(name) || name == "job") return false;
  }
  c.pushgateway.grouping = *map;
  return true;
}

}  // namespace

std::vector<Setting> PushgatewaySettings() {
  return {
      {"--push.enabled", "METRICS_EXPORT_PROMETHEUS_PUSH", Flag({kPush, &Push::enabled}),
       "Export to a Pushgateway"},
      {"",
       "METRICS_PROM_PUSHGATEWAY_URL",
       {"http:// or https:// and a host, without query or fragment", "", TakeUrl},
       "Pushgateway: its URL; user and password may stand in it",
       true},
      {"--push.job", "METRICS_PROM_JOB_NAME", Text({kPush, &Push::job}), "Pushgateway: label job"},
      {"--push.grouping",
       "METRICS_PROM_GROUPING_LABELS_JSON",
       {"a JSON object of label names, other than job, and values", "", TakeGrouping},
       "Pushgateway: further labels of the group"},
      {"--push.user", "METRICS_PROM_PUSHGATEWAY_USER", Text({kPush, &Push::user}),
       "Pushgateway: user, with the password from a file"},
      {"--push.password-file", "METRICS_PROM_PUSHGATEWAY_PASSWORD_FILE",
       Path({kPush, &Push::password_file}), "Pushgateway: file that holds the password"},
      {"--push.tls-ca-file", "METRICS_PROM_PUSHGATEWAY_CA_FILE", Path({kPush, &Push::ca_file}),
       "Pushgateway: PEM file of the authorities to trust, instead of the system's"},
      {"--push.tls-cert-file", "METRICS_PROM_PUSHGATEWAY_CERT_FILE",
       Path({kPush, &Push::client_cert_file}), "Pushgateway: PEM file of our client certificate"},
      {"--push.tls-key-file", "METRICS_PROM_PUSHGATEWAY_KEY_FILE",
       Path({kPush, &Push::client_key_file}), "Pushgateway: PEM file of its key"},
      {"--push.delete-at-end", "METRICS_PROM_PUSHGATEWAY_DELETE",
       Flag({kPush, &Push::delete_at_end}), "Pushgateway: delete the group when chatscale ends"},
  };
}

}  // namespace chatscale
