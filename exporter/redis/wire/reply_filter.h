// Bounds the memory of replies: passes a RESP2 stream on, but replaces every bulk string longer
// than the bound by the error reply "-TOOLARGE <bytes>", without buffering it. hiredis has no such
// bound: it buffers the whole string first. The elements of all arrays in the replies to one
// pipeline are bounded as well.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chatscale::redis {

class ReplyFilter {
 public:
  enum class Verdict { kSound, kTooLarge, kNotResp };

  // To be called before the replies to another pipeline.
  void Begin(std::size_t max_bulk_bytes) {
    max_bulk_bytes_ = max_bulk_bytes;
    elements_ = 0;
  }

  // Filters the next `bytes`; appends what may be parsed to `out`.
  Verdict Pass(std::string_view bytes, std::string& out);

  // Elements of arrays since Begin.
  long long elements() const { return elements_; }

  // An oversized string has been reported; the rest of it is still to arrive.
  bool discarding() const { return discard_ > 0; }

 private:
  Verdict EndOfLine(std::string& out);

  std::size_t max_bulk_bytes_ = 0;
  long long elements_ = 0;
  std::string line_;         // the header line being received
  std::size_t forward_ = 0;  // bytes of a bulk string still to pass on
  std::size_t discard_ = 0;  // bytes of an oversized string still to drop
};

}  // namespace chatscale::redis
