// libcurl's result codes in our terms.
#pragma once

#include <curl/curl.h>

#include <string>
#include <string_view>

#include "exporter/model/error_kind.h"

namespace chatscale {

// `detail` is libcurl's error buffer.
ErrorKind KindOfCurlFailure(CURLcode code, std::string_view detail);

// One sentence. Quotes `detail` only where it tells about the connection, never where it may quote
// what was sent or received.
std::string CurlFailureText(CURLcode code, std::string_view detail);

}  // namespace chatscale
