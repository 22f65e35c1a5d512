// Abseil view: converts std::string_view to Debian's absl::string_view, a distinct type. Alone, as
// it goes when Abseil is built with std::string_view.
#pragma once

#include <string_view>

#include "absl/strings/string_view.h"

namespace chatscale::recommender {

inline absl::string_view Abseil(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace chatscale::recommender
