#include "exporter/exposition/gzip.h"

#include <zlib.h>

#include <cassert>

namespace chatscale {

std::string Gzip(std::string_view text) {
  constexpr int kLevel = 3;
  constexpr int kGzipWindow = 15 + 16;  // zlib's way of asking for a gzip header
  constexpr int kMemory = 8;
  z_stream stream{};
  [[maybe_unused]] const int started =
      deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY);
  assert(started == Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  // zlib's interface predates const; it does not write to the input.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  [[maybe_unused]] const int ended = deflate(&stream, Z_FINISH);
  assert(ended == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace chatscale
