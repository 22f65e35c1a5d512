// One request and its response on one libcurl handle; redirects are not followed.
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

// ErrorKind of a libcurl result code. `detail` is libcurl's error buffer.
ErrorKind KindOfCurlFailure(CURLcode code, std::string_view detail);

// One sentence. Quotes `detail` only where it is about the connection, never where it may contain
// what was sent or received.
std::string CurlFailureText(CURLcode code, std::string_view detail);

using CurlHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

// A new handle, after libcurl's global initialization; null when out of memory.
CurlHandle NewCurlHandle();

struct CurlResponse {
  HttpResponse http;
  std::string redirect_url;  // absolute; empty when the response is not a redirect
};

// Errors as HttpClient::Exchange. The handle keeps its connections for the next call.
absl::StatusOr<CurlResponse> CurlExchange(CURL* curl, const HttpClientOptions& options,
                                          const HttpRequest& request, absl::Duration timeout);

}  // namespace chatscale
