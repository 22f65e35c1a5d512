#include "exporter/http/http_client.h"

#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "exporter/http/curl_exchange.h"
#include "exporter/http/url_name.h"
#include "exporter/model/clock.h"
#include "exporter/model/error_kind.h"
#include "exporter/model/text.h"

namespace chatscale {
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

bool MayFollow(const HttpRequest& request, const CurlAnswer& answer) {
  return (request.method == "GET" || request.method == "HEAD") &&
         SameOrigin(request.url, answer.redirect_url);
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

// Handles not in use, each with its open connections: at most one for each concurrent caller.
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

absl::StatusOr<HttpAnswer> HttpClient::Exchange(const HttpRequest& request,
                                                absl::Duration timeout) {
  const Stopwatch begun;
  const absl::Status sendable = CheckRequest(request);
  if (!sendable.ok()) return sendable;
  const std::string name = NameOf(request);
  CurlHandle curl = handles_->Take();
  if (curl == nullptr) return KindError(ErrorKind::kInternal, name + ": out of memory");
  HttpRequest hop = request;
  for (int redirects = 0;; ++redirects) {
    absl::StatusOr<CurlAnswer> answer =
        CurlExchange(curl.get(), options_, hop, timeout - begun.Elapsed());
    if (answer.ok() && MayFollow(hop, *answer) && redirects < kMaxRedirects) {
      hop.url = answer->redirect_url;
      continue;
    }
    handles_->GiveBack(std::move(curl));
    if (!answer.ok()) return Named(name, answer.status());
    if (MayFollow(hop, *answer)) {
      return KindError(ErrorKind::kHttp,
                       absl::StrCat(name, ": more than ", kMaxRedirects, " redirects"));
    }
    return std::move(answer->answer);
  }
}

absl::StatusOr<HttpAnswer> HttpClient::Send(const HttpRequest& request, absl::Duration timeout) {
  absl::StatusOr<HttpAnswer> answer = Exchange(request, timeout);
  if (answer.ok() && answer->status / 100 != 2) return NotSuccess(request, answer->status);
  return answer;
}

absl::StatusOr<HttpAnswer> HttpClient::Get(std::string_view url, const Headers& headers,
                                           absl::Duration timeout) {
  return Send({.method = "GET", .url = std::string(url), .headers = headers, .body = ""}, timeout);
}

}  // namespace chatscale
