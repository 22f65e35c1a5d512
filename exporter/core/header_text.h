// What may stand in an HTTP header we send. Pure.
#pragma once

#include <string_view>

namespace chatscale {

// A field name: one or more RFC 9110 token characters.
bool IsHeaderName(std::string_view text);

// A field value: no control characters, so that no value can open a header of its own.
bool IsHeaderValue(std::string_view text);

}  // namespace chatscale
