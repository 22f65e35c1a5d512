// One HTTP request and its answer, as values.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace chatscale {

// Names and values, in the order sent. Values may be secret: never print them.
using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http or https
  Headers headers;
  std::string body;  // ignored for GET and HEAD
};

struct HttpAnswer {
  int status = 0;
  std::string body;  // decompressed
};

}  // namespace chatscale
