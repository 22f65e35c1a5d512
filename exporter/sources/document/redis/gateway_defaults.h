// The upstream's built-in values of the configuration sections that we only pass on.
#pragma once

#include <string_view>

namespace chatscale::redis {

// A JSON object, one member per section.
std::string_view GatewayDefaultsJson();

}  // namespace chatscale::redis
