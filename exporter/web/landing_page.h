// The page at "/": what this is, which version, where to look. Pure.
#pragma once

#include <string>
#include <string_view>

#include "exporter/core/view.h"

namespace chatscale {

std::string LandingPage(const View& view);

// `text` safe inside an HTML element or a quoted attribute.
std::string EscapeHtml(std::string_view text);

}  // namespace chatscale
