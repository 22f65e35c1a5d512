#include "exporter/http/http_client.h"

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "exporter/files/files.h"
#include "exporter/http/curl_exchange.h"
#include "exporter/model/clock.h"
#include "exporter/model/error_kind.h"
#include "exporter/model/text.h"

namespace chatscale {

namespace {

struct UrlParts {
  std::string scheme, host_port, path;
  std::optional<std::string> user;  // with its password
};

std::optional<std::string> PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return std::nullopt;
  std::string out(text);
  curl_free(text);
  return out;
}

std::optional<UrlParts> PartsOf(const std::string& text) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
  if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  const auto part = [&](CURLUPart which) { return PartOf(url.get(), which); };
  UrlParts parts{.scheme = part(CURLUPART_SCHEME).value_or(""),
                 .path = part(CURLUPART_PATH).value_or(""),
                 .user = part(CURLUPART_USER)};
  const std::string host = part(CURLUPART_HOST).value_or("");
  const std::string port = part(CURLUPART_PORT).value_or("0");
  if ((parts.scheme != "http" && parts.scheme != "https") || host.empty() || port == "0") {
    return std::nullopt;
  }
  parts.host_port = absl::AsciiStrToLower(host) + ":" + port;
  if (parts.user) *parts.user += part(CURLUPART_PASSWORD).value_or("");
  return parts;
}

}  // namespace

std::optional<std::string> BaseUrlFrom(std::string_view text, UserInUrl user) {
  // libcurl accepts "http:/host", and reads a password with a '/' as a port and a path.
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == text.npos || text.substr(scheme_end + 3).starts_with('/')) return std::nullopt;
  if (text.find_first_of("?#") != text.npos) return std::nullopt;
  const auto parts = PartsOf(std::string(text));
  if (!parts || parts->path.find('@') != parts->path.npos) return std::nullopt;
  if (text.find('@') != text.npos &&
      (user == UserInUrl::kRefused || parts->user.value_or("").empty() ||
       parts->user->find('@') != parts->user->npos)) {
    return std::nullopt;
  }
  while (text.ends_with('/')) text.remove_suffix(1);
  return std::string(text);
}

std::string UrlName(const std::string& url) {
  const auto parts = PartsOf(url);
  return parts ? parts->host_port + parts->path : "";
}

bool SameOrigin(const std::string& a, const std::string& b) {
  const auto one = PartsOf(a);
  const auto other = PartsOf(b);
  return one && other && one->scheme == other->scheme && one->host_port == other->host_port;
}

namespace {

absl::Status Unusable(std::string_view why) { return KindError(ErrorKind::kAuth, why); }

// Blanks around a field value are not part of it (RFC 9110, 5.5).
absl::StatusOr<std::string> ReadValue(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadSecretFile(path);
  if (!text.ok()) return Unusable(std::string(text.status().message()));
  const std::size_t first = text->find_first_not_of(" \t");
  if (first == std::string::npos) return Unusable(path + ": the file is empty");
  return text->substr(first, text->find_last_not_of(" \t") - first + 1);
}

}  // namespace

absl::StatusOr<Headers> HeaderSource::Next() {
  for (const auto& [name, value] : options_.fixed) {
    if (!IsHeaderName(name) || !IsHeaderValue(value)) {
      return KindError(ErrorKind::kInternal, "a request header that cannot be sent");
    }
  }
  Headers headers = options_.fixed;
  if (options_.file_header.empty()) return headers;
  if (!IsHeaderName(options_.file_header)) {
    return KindError(ErrorKind::kInternal, "a request header that cannot be sent");
  }
  const std::lock_guard lock(mutex_);
  absl::StatusOr<std::string> value = ReadValue(options_.value_file);
  if (value.ok()) last_good_ = *value;
  if (value.ok() != usable_ && options_.on_change) options_.on_change(value.status());
  usable_ = value.ok();
  if (last_good_.empty()) return value.status();
  headers.emplace_back(options_.file_header, last_good_);
  return headers;
}

namespace {

constexpr int kMaxRedirects = 3;

// "GET host:port/path"
std::string NameOf(const HttpRequest& request) {
  return request.method + " " + UrlName(request.url);
}

absl::Status Named(const std::string& name, const absl::Status& status) {
  return KindError(KindOf(status), absl::StrCat(name, ": ", status.message()));
}

absl::Status CheckRequest(const HttpRequest& request) {
  if (!IsHeaderName(request.method)) return KindError(ErrorKind::kInternal, "not an HTTP method");
  if (UrlName(request.url).empty()) {
    return KindError(ErrorKind::kInternal, request.method + ": expected an http or https URL");
  }
  for (const auto& [name, value] : request.headers) {
    if (!IsHeaderName(name) || !IsHeaderValue(value)) {
      return KindError(ErrorKind::kInternal, NameOf(request) + ": a header that cannot be sent");
    }
  }
  return absl::OkStatus();
}

bool MayFollow(const HttpRequest& request, const CurlResponse& response) {
  return (request.method == "GET" || request.method == "HEAD") &&
         SameOrigin(request.url, response.redirect_url);
}

absl::Status NotSuccess(const HttpRequest& request, int http_status) {
  const bool auth = http_status == 401 || http_status == 403;
  const bool redirect = http_status / 100 == 3;
  absl::Status status =
      KindError(auth ? ErrorKind::kAuth : ErrorKind::kHttp,
                absl::StrCat(NameOf(request), ": HTTP status ", http_status,
                             redirect ? " (redirects to other servers are not followed)" : ""));
  SetHttpStatus(http_status, status);
  return status;
}

}  // namespace

// Idle handles, each with its open connections: at most one for each concurrent caller.
class HttpClient::Handles {
 public:
  CurlHandle Take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return NewCurlHandle();
    CurlHandle handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }

  void GiveBack(CurlHandle handle) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(handle));
  }

 private:
  std::mutex mutex_;
  std::vector<CurlHandle> idle_;
};

HttpClient::HttpClient(HttpClientOptions options)
    : options_(std::move(options)), handles_(std::make_unique<Handles>()) {}

HttpClient::~HttpClient() = default;

absl::StatusOr<HttpResponse> HttpClient::Exchange(const HttpRequest& request,
                                                  absl::Duration timeout) {
  const Stopwatch begun;
  const absl::Status sendable = CheckRequest(request);
  if (!sendable.ok()) return sendable;
  const std::string name = NameOf(request);
  CurlHandle curl = handles_->Take();
  if (curl == nullptr) return KindError(ErrorKind::kInternal, name + ": out of memory");
  HttpRequest hop = request;
  for (int redirects = 0;; ++redirects) {
    absl::StatusOr<CurlResponse> response =
        CurlExchange(curl.get(), options_, hop, timeout - begun.Elapsed());
    if (response.ok() && MayFollow(hop, *response) && redirects < kMaxRedirects) {
      hop.url = response->redirect_url;
      continue;
    }
    handles_->GiveBack(std::move(curl));
    if (!response.ok()) return Named(name, response.status());
    if (MayFollow(hop, *response)) {
      return KindError(ErrorKind::kHttp,
                       absl::StrCat(name, ": more than ", kMaxRedirects, " redirects"));
    }
    return std::move(response->http);
  }
}

absl::StatusOr<HttpResponse> HttpClient::Send(const HttpRequest& request, absl::Duration timeout) {
  absl::StatusOr<HttpResponse> response = Exchange(request, timeout);
  if (response.ok() && response->status / 100 != 2) return NotSuccess(request, response->status);
  return response;
}

absl::StatusOr<HttpResponse> HttpClient::Get(std::string_view url, const Headers& headers,
                                             absl::Duration timeout) {
  return Send({.method = "GET", .url = std::string(url), .headers = headers, .body = ""}, timeout);
}

}  // namespace chatscale
