// Settings table: flag, environment variable, default, allowed values and help, one row per
// setting. `--help`, the README's table and the loader walk the same rows.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "exporter/app/setting_value.h"

namespace chatscale {

struct Setting {
  std::string_view flag;  // "--web.listen-address"
  std::string_view env;   // "METRICS_LISTEN_ADDRESS"
  SettingValue value;
  std::string_view help;
  bool secret = false;  // never shown; it has no flag, because argv is public
};

// What replaces a setting of earlier versions; "" when `variable` never was one.
std::string_view ReplacementOf(std::string_view variable);

// In the order of the README's table. A later row may override an earlier one.
std::span<const Setting> Settings();

// The rows of each subject, in the order of the README's table.
std::vector<Setting> CollectSettings();  // mode, listener, collection interval
std::vector<Setting> ProxySettings();
std::vector<Setting> RedisSettings();
std::vector<Setting> PostgresSettings();
std::vector<Setting> DemoSettings();
std::vector<Setting> RecommenderSettings();  // policy, state, decisions
std::vector<Setting> OutputSettings();       // scheduled exports, files, labels, log
std::vector<Setting> NamingSettings();
std::vector<Setting> PushgatewaySettings();
std::vector<Setting> CloudWatchSettings();
std::vector<Setting> OtlpSettings();

}  // namespace chatscale
