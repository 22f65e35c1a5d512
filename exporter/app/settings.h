// One row per setting: flag, environment variable, default, what is allowed, help, how it is taken.
// `--help`, the README's table and the loader walk the same rows.
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
  bool secret = false;  // its value is never shown; it has no flag: argv is public
};

// In the order of the README's table. A later row may overrule an earlier one.
std::span<const Setting> Settings();

// The rows of each subject, in the order of the README's table.

std::vector<Setting> CollectSettings();  // mode, listener, beat
std::vector<Setting> ProxySettings();
std::vector<Setting> RedisSettings();
std::vector<Setting> PostgresSettings();
std::vector<Setting> DemoSettings();
std::vector<Setting> AdviceSettings();  // policy, state, decisions
std::vector<Setting> OutputSettings();  // the beat of exports, files, labels, log
std::vector<Setting> NamingSettings();
std::vector<Setting> PushgatewaySettings();
std::vector<Setting> CloudWatchSettings();
std::vector<Setting> OtlpSettings();

}  // namespace chatscale
