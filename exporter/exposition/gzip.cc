#include "exporter/exposition/gzip.h"

#include <zlib.h>

#include <cassert>
#include <cstddef>

namespace chatscale {
namespace {

// Appends what comes out until `stream` has taken all that it was given.
void Deflate(z_stream& stream, int flush, std::string& out) {
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + stream.total_out);
    stream.avail_out = static_cast<uInt>(out.size() - stream.total_out);
    [[maybe_unused]] const int state = deflate(&stream, flush);
    assert(state == Z_OK || state == Z_STREAM_END || state == Z_BUF_ERROR);
    if (stream.avail_out > 0) return;
    out.resize(2 * out.size());
  }
}

}  // namespace

std::string Gzip(std::initializer_list<std::string_view> parts) {
  constexpr int kLevel = 3;
  constexpr int kGzipWindow = 15 + 16;  // zlib's way of asking for a gzip header
  constexpr int kMemory = 8;
  constexpr std::size_t kUsualRatio = 5;  // of an exposition
  constexpr std::size_t kLeast = 256;
  z_stream stream{};
  [[maybe_unused]] const int started =
      deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY);
  assert(started == Z_OK);
  std::size_t bytes = 0;
  for (const std::string_view part : parts) bytes += part.size();
  std::string out(kLeast + bytes / kUsualRatio, '\0');
  for (const std::string_view part : parts) {
    // zlib's interface predates const; it does not write to the input.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    stream.avail_in = static_cast<uInt>(part.size());
    Deflate(stream, Z_NO_FLUSH, out);
  }
  Deflate(stream, Z_FINISH, out);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace chatscale
