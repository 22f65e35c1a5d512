#include "exporter/metrics/cloudwatch_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace chatscale {
namespace {

constexpr std::size_t kLongestName = 255, kLongestValue = 1024;

bool IsBlank(std::string_view text) { return text.find_first_not_of(' ') == text.npos; }

bool IsPrintableAscii(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
}

}  // namespace

bool IsDimensionName(std::string_view text) {
  return text.size() <= kLongestName && !IsBlank(text) && text.front() != ':' &&
         IsPrintableAscii(text);
}

bool IsDimensionValue(std::string_view text) {
  return text.size() <= kLongestValue && !IsBlank(text) && IsPrintableAscii(text);
}

bool IsMetricName(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && IsPrintableAscii(text) &&
         absl::ascii_isalnum(static_cast<unsigned char>(text.front()));
}

bool IsNamespace(std::string_view text) {
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           std::string_view(".-_/#: ").find(c) != std::string_view::npos;
  };
  return text.size() <= kLongestName && !IsBlank(text) && text.front() != ':' &&
         !text.starts_with("AWS/") && std::ranges::all_of(text, allowed);
}

}  // namespace chatscale
