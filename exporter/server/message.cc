#include "exporter/server/message.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace chatscale {

namespace {

WebResponse MakeResponse(int status, const char* type, std::string body) {
  WebResponse response;
  response.status = status;
  response.content_type = type;
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

// The weight of one element such as "gzip;q=0.5"; 0 when it is not a number.
double Weight(absl::string_view parameters) {
  parameters = absl::StripAsciiWhitespace(parameters);
  if (parameters.empty()) return 1;
  double weight = 0;
  if (!absl::ConsumePrefix(&parameters, "q=") && !absl::ConsumePrefix(&parameters, "Q=")) return 1;
  return absl::SimpleAtod(parameters, &weight) ? weight : 0;
}

}  // namespace

WebResponse TextResponse(int status, std::string text) {
  return MakeResponse(status, "text/plain; charset=utf-8", std::move(text));
}

WebResponse JsonResponse(int status, std::string json) {
  return MakeResponse(status, "application/json", std::move(json));
}

WebResponse HtmlResponse(std::string html) {
  return MakeResponse(200, "text/html; charset=utf-8", std::move(html));
}

WebResponse StatusPage(int status) {
  constexpr std::pair<int, const char*> kPhrases[] = {{400, "bad request"},
                                                      {401, "unauthorized"},
                                                      {404, "not found"},
                                                      {405, "method not allowed"},
                                                      {411, "length required"},
                                                      {413, "content too large"},
                                                      {414, "URI too long"},
                                                      {429, "too many requests"},
                                                      {431, "request header fields too large"},
                                                      {500, "internal server error"},
                                                      {503, "service unavailable"}};
  const auto* known = std::ranges::find(kPhrases, status, &std::pair<int, const char*>::first);
  const char* phrase = known == std::end(kPhrases) ? "error" : known->second;
  return TextResponse(status, std::to_string(status) + " " + phrase + "\n");
}

bool AcceptsGzip(std::string_view accept_encoding) {
  std::optional<bool> any;
  const absl::string_view text(accept_encoding.data(), accept_encoding.size());
  for (const absl::string_view element : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(element, absl::MaxSplits(';', 1));
    const absl::string_view coding = absl::StripAsciiWhitespace(parts.first);
    const bool wanted = Weight(parts.second) > 0;
    if (absl::EqualsIgnoreCase(coding, "gzip")) return wanted;
    if (coding == "*") any = wanted;
  }
  return any.value_or(false);
}

}  // namespace chatscale
