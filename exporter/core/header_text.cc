#include "exporter/core/header_text.h"

namespace chatscale {

bool IsHeaderName(std::string_view text) {
  constexpr std::string_view kTchar =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !text.empty() && text.find_first_not_of(kTchar) == std::string_view::npos;
}

bool IsHeaderValue(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  }
  return true;
}

}  // namespace chatscale
