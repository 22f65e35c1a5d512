// UTF-8 repair for text from outside. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chatscale {

// `text` with every byte that is not part of a well-formed UTF-8 sequence (RFC 3629: no overlong
// forms, no surrogates, nothing above U+10FFFF) replaced by U+FFFD.
std::string RepairUtf8(std::string_view text);

// The longest prefix of well-formed `text` that has at most `max_bytes` bytes and ends between
// characters.
std::string_view Utf8Prefix(std::string_view text, std::size_t max_bytes);

}  // namespace chatscale
