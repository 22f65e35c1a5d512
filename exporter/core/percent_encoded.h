// Text for a part of a path or a form. Pure.
#pragma once

#include <string>
#include <string_view>

namespace chatscale {

// RFC 3986: all but unreserved characters as %XX.
std::string PercentEncoded(std::string_view text);

}  // namespace chatscale
