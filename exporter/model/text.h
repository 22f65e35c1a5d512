// Text as others must get it: numbers, UTF-8, HTTP headers, parts of URLs. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chatscale {

// Independent of the locale: the fewest digits that read back as the same double; "NaN", "+Inf",
// "-Inf".
std::string NumberText(double value);

// `text` with every byte that is not part of a well-formed UTF-8 sequence (RFC 3629: no overlong
// forms, no surrogates, nothing above U+10FFFF) replaced by U+FFFD.
std::string RepairUtf8(std::string_view text);

// The longest prefix of well-formed `text` that has at most `max_bytes` bytes and ends between
// characters.
std::string_view Utf8Prefix(std::string_view text, std::size_t max_bytes);

// A field name: one or more RFC 9110 token characters.
bool IsHeaderName(std::string_view text);

// A field value: no control characters, so that no value can open a header of its own.
bool IsHeaderValue(std::string_view text);

// RFC 3986: all but unreserved characters as %XX.
std::string PercentEncoded(std::string_view text);

}  // namespace chatscale
