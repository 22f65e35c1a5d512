// The head of a request before cpp-httplib parses it: checked, and rewritten to what the library
// handles safely. Pure. https://www.rfc-editor.org/rfc/rfc9112
#pragma once

#include <cstddef>
#include <string>

namespace chatscale {

inline constexpr std::size_t kMaxHeadBytes = 16 * 1024;  // request line and headers
inline constexpr std::size_t kMaxHeadLines = 200;
inline constexpr std::size_t kMaxBodyBytes = 64 * 1024;

struct RequestHead {
  int refusal = 0;              // HTTP status to answer with; 0: the request is well formed
  std::string explanation;      // of the refusal; "" where the status says it all
  bool announces_body = false;  // Content-Length or Transfer-Encoding is there
  std::string path;             // as sent, without the query
  std::string authorization;    // as sent: the library decodes percent signs; "" without one
};

// Checks `head`, which ends in an empty line. Removes `Range`: the library matches it with a
// recursive std::regex before any hook, and serves ranges of documents that change. Turns an
// absolute target ("GET http://host/path") into its path. Where the request is refused, `head`
// becomes one that the library accepts.
RequestHead PrepareHead(std::string& head);

// A head that is refused whatever it says.
RequestHead RefuseHead(std::string& head, int status);

}  // namespace chatscale
