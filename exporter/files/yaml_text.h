// YAML: one document, bounded so that walking its tree ends, and soon.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace chatscale {

// Null for an empty text. kInvalidArgument: "NAME:LINE: what is wrong". Also refused: further
// documents, recursive aliases, and more than 100,000 values after alias expansion.
absl::StatusOr<YAML::Node> ParseYaml(std::string_view text, const std::string& name);

}  // namespace chatscale
