// Text encoding: numbers, UTF-8, HTTP headers, parts of URLs. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chatscale {

// Shortest text that parses to the same double, whatever the locale; "NaN", "+Inf", "-Inf".
std::string NumberText(double value);

// ASCII control character (RFC 20), DEL included.
bool IsControl(char c);

// Replaces every byte outside well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates,
// nothing above U+10FFFF) by U+FFFD.
std::string RepairUtf8(std::string_view text);

// Longest prefix of well-formed `text` of at most `max_bytes` bytes that splits no character.
std::string_view Utf8Prefix(std::string_view text, std::size_t max_bytes);

// HTTP field name: one or more RFC 9110 token characters.
bool IsHeaderName(std::string_view text);

// HTTP field value: no control characters, which prevents header injection.
bool IsHeaderValue(std::string_view text);

// Percent-encodes all but the unreserved characters (RFC 3986).
std::string PercentEncoded(std::string_view text);

}  // namespace chatscale
