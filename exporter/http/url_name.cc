#include "exporter/http/url_name.h"

#include <curl/curl.h>

#include <memory>
#include <optional>

#include "absl/strings/ascii.h"

namespace chatscale {
namespace {

struct UrlParts {
  std::string scheme;
  std::string host_port;
  std::string path;
};

std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
  std::string out(text);
  curl_free(text);
  return out;
}

std::optional<UrlParts> PartsOf(const std::string& text) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
  if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  const std::string host = absl::AsciiStrToLower(PartOf(url.get(), CURLUPART_HOST));
  UrlParts parts{.scheme = PartOf(url.get(), CURLUPART_SCHEME),
                 .host_port = host + ":" + PartOf(url.get(), CURLUPART_PORT),
                 .path = PartOf(url.get(), CURLUPART_PATH)};
  if (parts.scheme != "http" && parts.scheme != "https") return std::nullopt;
  return parts;
}

}  // namespace

std::string UrlName(const std::string& url) {
  const auto parts = PartsOf(url);
  return parts ? parts->host_port + parts->path : "";
}

bool SameOrigin(const std::string& a, const std::string& b) {
  const auto one = PartsOf(a);
  const auto other = PartsOf(b);
  return one && other && one->scheme == other->scheme && one->host_port == other->host_port;
}

}  // namespace chatscale
