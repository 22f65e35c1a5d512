#include "exporter/web/listener/answer_head.h"

#include <algorithm>
#include <array>

namespace chatscale {

const std::vector<std::pair<std::string, std::string>>& StandardHeaders() {
  static const std::vector<std::pair<std::string, std::string>> headers = {
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
      {"Cache-Control", "no-store"},
      {"Accept-Ranges", "none"}};
  return headers;
}

std::string HttpDate(std::time_t time) {
  // By hand: strftime would use the names of the locale.
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                                   kMonths[static_cast<std::size_t>(parts.tm_mon)],
                                   parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string StatusLine(int status) {
  constexpr std::pair<int, const char*> kPhrases[] = {{200, "OK"},
                                                      {400, "Bad Request"},
                                                      {401, "Unauthorized"},
                                                      {411, "Length Required"},
                                                      {413, "Content Too Large"},
                                                      {429, "Too Many Requests"},
                                                      {431, "Request Header Fields Too Large"},
                                                      {501, "Not Implemented"}};
  const auto* known = std::ranges::find(kPhrases, status, &std::pair<int, const char*>::first);
  const std::string number = std::to_string(status);
  return known == std::end(kPhrases) ? number + " \n" : number + " " + known->second + "\n";
}

std::string AnswerHead(int status, const std::vector<std::pair<std::string, std::string>>& headers,
                       std::string_view content_type, std::size_t content_length, std::time_t now) {
  std::string head = "HTTP/1.1 " + StatusLine(status);
  head.insert(head.size() - 1, "\r");
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  add("Date", HttpDate(now));
  add("Content-Type", content_type);
  add("Content-Length", std::to_string(content_length));
  for (const auto& [name, value] : StandardHeaders()) {
    const bool replaced = std::ranges::any_of(
        headers, [&name = name](const auto& given) { return given.first == name; });
    if (!replaced) add(name, value);
  }
  for (const auto& [name, value] : headers) add(name, value);
  return head.append("\r\n");
}

}  // namespace chatscale
