// Makes almost-JSON readable. Python writes NaN and Infinity as bare tokens and integers of any
// size; a strict parser refuses the whole document for one of them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace chatscale {

// `text` with invalid UTF-8 repaired and, outside strings, with NaN, Infinity, -Infinity and
// numbers beyond the range of a double replaced by `not_finite`; integers too large for 64 bits
// become doubles. Everything else is copied as it is: what was malformed stays malformed.
std::string TolerantJson(std::string_view text, std::string_view not_finite = "null");

// For readers that count fields of a wrong type: null would pass for a missing one.
inline constexpr std::string_view kNotFinite = "\"NaN\"";

}  // namespace chatscale
