// Debian builds Abseil with a string_view of its own: what its functions take.
#pragma once

#include <string_view>

#include "absl/strings/string_view.h"

namespace chatscale::recommender {

inline absl::string_view Abseil(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace chatscale::recommender
