// One row per setting: flag, environment variable, default, what is allowed, help, how it is taken.
// `--help`, the README's table and the loader walk the same rows.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "exporter/config/config.h"

namespace chatscale {

struct Setting {
  std::string_view flag;  // "--web.listen-address"
  std::string_view env;   // "METRICS_LISTEN_ADDRESS"
  std::string_view default_text;
  std::string_view allowed;  // completes "expected ..."
  std::string_view help;
  bool secret = false;  // its value is never shown; it has no flag: argv is public
  // Takes `text` into `config`; false when it is not what is allowed.
  bool (*set)(std::string_view text, Config& config) = nullptr;
};

// In the order of the README's table. A later row may overrule an earlier one.
std::span<const Setting> Settings();

}  // namespace chatscale
