// Makes almost-JSON readable. Python writes NaN and Infinity as bare tokens and integers of any
// size; a strict parser refuses the whole document for one of them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace chatscale {

// `text` with invalid UTF-8 repaired and, outside strings, with NaN, Infinity, -Infinity and
// numbers beyond the range of a double replaced by null; integers too large for 64 bits become
// doubles. Everything else is copied as it is: what was malformed stays malformed.
std::string TolerantJson(std::string_view text);

}  // namespace chatscale
