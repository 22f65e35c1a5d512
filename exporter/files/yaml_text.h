// One document of YAML, within bounds: whoever walks it ends, and soon.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace chatscale {

// Null for an empty text. kInvalidArgument: "NAME:LINE: what is wrong". Refused are also further
// documents, aliases of what they stand in, and more than 100,000 values once aliases are written
// out.
absl::StatusOr<YAML::Node> ParseYaml(std::string_view text, const std::string& name);

}  // namespace chatscale
