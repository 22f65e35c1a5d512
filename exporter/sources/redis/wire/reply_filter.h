// Bounds what one bulk string may cost: passes a RESP2 stream on, but replaces every bulk string
// longer than the bound by the error reply "-TOOLARGE <bytes>", without ever holding its bytes.
// hiredis has no such bound: it buffers the whole string first. Arrays of more than a million
// elements are refused altogether.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chatscale::redis {

class ReplyFilter {
 public:
  explicit ReplyFilter(std::size_t max_bulk_bytes) : max_bulk_bytes_(max_bulk_bytes) {}

  // The replies to another pipeline begin.
  void Begin() { elements_ = 0; }

  // Appends to `out` what may be parsed of the next `bytes`. False: this is not RESP, or too many
  // elements.
  bool Pass(std::string_view bytes, std::string& out);

  // An oversized string has been reported and is still on its way.
  bool discarding() const { return discard_ > 0; }

 private:
  bool EndOfLine(std::string& out);

  std::size_t max_bulk_bytes_;
  long long elements_ = 0;   // of arrays, since Begin
  std::string line_;         // the header line being received
  std::size_t forward_ = 0;  // bytes of a bulk string still to pass on
  std::size_t discard_ = 0;  // bytes of an oversized one still to drop
};

}  // namespace chatscale::redis
