// One row per setting: flag, environment variable, default, what is allowed, help, how it is taken.
// `--help`, the README's table and the loader walk the same rows.
#pragma once

#include <span>
#include <string_view>

#include "exporter/config/setting_value.h"

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

}  // namespace chatscale
