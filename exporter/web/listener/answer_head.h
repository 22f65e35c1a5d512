// The status line and headers of answers that are made without the library. Pure.
#pragma once

#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chatscale {

// Headers that every answer carries.
const std::vector<std::pair<std::string, std::string>>& StandardHeaders();

// "Tue, 24 Nov 2026 20:31:29 GMT" (RFC 9110, 5.6.7).
std::string HttpDate(std::time_t time);

// "HTTP/1.1 200 OK" and so on, to the empty line. One of `headers` takes the place of a standard
// one of its name.
std::string AnswerHead(int status, const std::vector<std::pair<std::string, std::string>>& headers,
                       std::string_view content_type, std::size_t content_length, std::time_t now);

// "401 Unauthorized\n": the body of an answer that has nothing else to say.
std::string StatusLine(int status);

}  // namespace chatscale
