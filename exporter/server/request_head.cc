#include "exporter/server/request_head.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace chatscale {
namespace {

// cpp-httplib's limits for a request line and for a header.
constexpr std::size_t kMaxLineBytes = 8'000;

bool IsControl(char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); }

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase({a.data(), a.size()}, {b.data(), b.size()});
}

// "METHOD target HTTP/1.x"; nullopt otherwise.
std::optional<std::string_view> TargetOf(std::string_view line) {
  const auto first = line.find(' '), last = line.rfind(' ');
  if (first == line.npos || first == 0 || last < first + 2) return std::nullopt;
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return std::nullopt;
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (target.find(' ') != target.npos || std::ranges::any_of(line, IsControl)) return std::nullopt;
  return target;
}

// The path of an absolute target, RFC 9112, 3.2.2.
std::string OriginForm(std::string_view target) {
  const absl::string_view text(target.data(), target.size());
  if (!absl::StartsWithIgnoreCase(text, "http://") &&
      !absl::StartsWithIgnoreCase(text, "https://")) {
    return std::string(target);
  }
  const std::size_t path = target.find_first_of("/?", target.find("//") + 2);
  if (path == target.npos) return "/";
  return (target[path] == '/' ? "" : "/") + std::string(target.substr(path));
}

std::string_view Trimmed(std::string_view text) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace({text.data(), text.size()});
  return {trimmed.data(), trimmed.size()};
}

int FaultOfLength(std::string_view value, bool repeated) {
  std::size_t length = 0;
  const char* end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, length);
  if (value.empty() || parsed.ptr != end || repeated) return 400;
  return parsed.ec != std::errc() || length > kMaxBodyBytes ? 413 : 0;
}

// Reads one header line into `head`; the status to refuse it with, or 0.
int ReadHeader(std::string_view line, RequestHead& head) {
  const auto colon = line.find(':');
  if (colon == line.npos || colon == 0) return 400;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trimmed(line.substr(colon + 1));
  // Space before the colon and folded lines are ways to smuggle a request.
  if (name.find_first_of(" \t") != name.npos || std::ranges::any_of(name, IsControl)) return 400;
  if (std::ranges::any_of(value, [](char c) { return IsControl(c) && c != '\t'; })) return 400;
  if (EqualsIgnoreCase(name, "Transfer-Encoding")) return 411;
  if (EqualsIgnoreCase(name, "Authorization") && head.authorization.empty()) {
    head.authorization = std::string(value);
  }
  if (!EqualsIgnoreCase(name, "Content-Length")) return 0;
  return FaultOfLength(value, std::exchange(head.announces_body, true));
}

int Prepare(std::string& head, RequestHead& prepared) {
  std::string_view rest = head;
  std::string rewritten;
  rewritten.reserve(head.size());
  for (std::size_t lines = 0; rest.size() > 2; ++lines) {
    const std::size_t length = rest.find("\r\n");
    const std::string_view line = rest.substr(0, length);
    rest.remove_prefix(length + 2);
    if (line.size() > kMaxLineBytes || lines >= kMaxHeadLines) return 431;
    if (lines == 0) {
      const std::optional<std::string_view> target = TargetOf(line);
      if (!target) return 400;
      prepared.path = std::string(target->substr(0, target->find('?')));
      rewritten.append(line.substr(0, line.find(' ') + 1)).append(OriginForm(*target));
      rewritten.append(line.substr(line.rfind(' '))).append("\r\n");
      continue;
    }
    if (const int refusal = ReadHeader(line, prepared)) return refusal;
    const bool range = EqualsIgnoreCase(line.substr(0, line.find(':')), "Range");
    if (!range) rewritten.append(line).append("\r\n");
  }
  head = rewritten.append("\r\n");
  return 0;
}

}  // namespace

RequestHead PrepareHead(std::string& head) {
  RequestHead prepared;
  const int refusal = Prepare(head, prepared);
  return refusal == 0 ? prepared : RefuseHead(head, refusal);
}

RequestHead RefuseHead(std::string& head, int status) {
  head = "GET / HTTP/1.1\r\n\r\n";
  return {.refusal = status};
}

}  // namespace chatscale
