// One refused request, as the upstream records it (contract 2.7). Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace chatscale::redis {

class TolerantParser;

struct ThrottleEvent {
  bool is_object = false;      // and not beyond kMostEventBytes
  bool as_documented = false;  // exactly the documented fields, and a known reason
  std::string_view reason = "unknown";
  std::string_view session = "unknown";  // empty when not text
  std::uint16_t http_status = 0;
};

// Views live until the parser's next use.
ThrottleEvent ParseThrottleEvent(TolerantParser& parser, std::string_view json);

}  // namespace chatscale::redis
