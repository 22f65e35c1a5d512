// One request and its answer on one libcurl handle; redirects are not followed.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "exporter/http/http_client.h"
#include "exporter/model/error_kind.h"

namespace chatscale {

// libcurl's result codes in our terms.

// `detail` is libcurl's error buffer.
ErrorKind KindOfCurlFailure(CURLcode code, std::string_view detail);

// One sentence. Quotes `detail` only where it tells about the connection, never where it may quote
// what was sent or received.
std::string CurlFailureText(CURLcode code, std::string_view detail);

using CurlHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

// A new handle, after libcurl's own initialisation; null when memory is short.
CurlHandle NewCurlHandle();

struct CurlAnswer {
  HttpAnswer answer;
  std::string redirect_url;  // absolute; empty when the answer is no redirect
};

// Errors as HttpClient::Exchange. The handle keeps its connections for the next call.
absl::StatusOr<CurlAnswer> CurlExchange(CURL* curl, const HttpClientOptions& options,
                                        const HttpRequest& request, absl::Duration timeout);

}  // namespace chatscale
