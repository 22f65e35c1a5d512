// The gateway configuration used where Redis holds none: GATEWAY_CONFIG_JSON, else a YAML file,
// else the upstream's built-in defaults.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "exporter/model/target.h"
#include "exporter/redis/target_state.h"

namespace chatscale::redis {

// Empty arguments count as not given. kInvalidArgument: not a JSON object, an unreadable file, or
// one without an object under `gateway`.
absl::StatusOr<std::shared_ptr<const ParsedGateway>> ReadGatewayFallback(
    const std::string& json, const std::string& yaml_path);

// The target that the configuration names. Placeholders ("{{...}}", "TENANT_ID") and missing parts
// are filled from `environment`, then with home / default-project.
Target TargetOf(const ParsedGateway& gateway, const Target& environment);

}  // namespace chatscale::redis
