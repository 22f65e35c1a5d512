#include "exporter/web/listener/request_frame.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace chatscale {
namespace {

// Of longer ones the HTTP library makes a 400, and keeps the connection.
constexpr std::size_t kMostLineBytes = 8'000;

constexpr int kBadRequest = 400;
constexpr int kLengthRequired = 411;
constexpr int kContentTooLarge = 413;
constexpr int kHeadTooLarge = 431;
constexpr int kNotImplemented = 501;

RequestFrame Refused(int status) { return {RequestFrame::State::kRefused, 0, status}; }

bool IsControl(char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); }

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(absl::string_view(a.data(), a.size()),
                                absl::string_view(b.data(), b.size()));
}

// 0 when the request line is of the form "METHOD target HTTP/1.x".
int FaultOfRequestLine(std::string_view line) {
  if (std::any_of(line.begin(), line.end(), IsControl)) return kBadRequest;
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == line.npos || first == 0 || last - first < 2) return kBadRequest;
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return kBadRequest;
  if (line.substr(first + 1, last - first - 1).find(' ') != line.npos) return kBadRequest;
  for (const std::string_view known :
       {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}) {
    if (line.substr(0, first) == known) return 0;
  }
  return kNotImplemented;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes the header `line` into `body_length`; returns the status to refuse it with, or 0.
int TakeHeader(std::string_view line, std::optional<std::size_t>& body_length) {
  const auto colon = line.find(':');
  if (colon == line.npos || colon == 0) return kBadRequest;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trimmed(line.substr(colon + 1));
  // Covers blanks before the colon and folded lines, both ways to smuggle.
  if (name.find_first_of(" \t") != name.npos) return kBadRequest;
  if (std::any_of(name.begin(), name.end(), IsControl)) return kBadRequest;
  if (std::any_of(value.begin(), value.end(), [](char c) { return IsControl(c) && c != '\t'; })) {
    return kBadRequest;
  }
  if (EqualsIgnoringCase(name, "Transfer-Encoding")) return kLengthRequired;
  if (!EqualsIgnoringCase(name, "Content-Length")) return 0;
  std::size_t length = 0;
  const char* end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, length);
  if (value.empty() || parsed.ptr != end) return kBadRequest;
  if (parsed.ec == std::errc::result_out_of_range) return kContentTooLarge;
  if (parsed.ec != std::errc() || body_length) return kBadRequest;
  if (length > kMostBodyBytes) return kContentTooLarge;
  body_length = length;
  return 0;
}

}  // namespace

RequestFrame FrameRequest(std::string_view received, FrameProgress& progress) {
  constexpr std::size_t kEndBytes = 4;
  if (progress.length > 0) {
    if (received.size() < progress.length) return {};
    return {RequestFrame::State::kComplete, progress.length, 0};
  }
  const auto end = received.substr(0, kMostHeadBytes).find("\r\n\r\n", progress.searched);
  if (end == received.npos) {
    if (received.size() >= kMostHeadBytes) return Refused(kHeadTooLarge);
    progress.searched = received.size() < kEndBytes ? 0 : received.size() - kEndBytes + 1;
    return {};
  }
  std::string_view head = received.substr(0, end + 2);
  auto line_end = head.find("\r\n");
  if (line_end > kMostLineBytes) return Refused(kHeadTooLarge);
  if (const int fault = FaultOfRequestLine(head.substr(0, line_end))) return Refused(fault);
  std::optional<std::size_t> body_length;
  for (head.remove_prefix(line_end + 2); !head.empty(); head.remove_prefix(line_end + 2)) {
    line_end = head.find("\r\n");
    if (line_end > kMostLineBytes) return Refused(kHeadTooLarge);
    if (const int fault = TakeHeader(head.substr(0, line_end), body_length)) return Refused(fault);
  }
  progress.length = end + kEndBytes + body_length.value_or(0);
  if (received.size() < progress.length) return {};
  return {RequestFrame::State::kComplete, progress.length, 0};
}

}  // namespace chatscale
