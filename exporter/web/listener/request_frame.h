// Where one HTTP/1.x request ends in the bytes received so far. Pure.
// https://www.rfc-editor.org/rfc/rfc9112 (message framing)
//
// Requests are framed here, before the HTTP library sees them, so that no byte of one request can
// be taken for the next, and no worker waits for a client.
#pragma once

#include <cstddef>
#include <string_view>

namespace chatscale {

inline constexpr std::size_t kMostHeadBytes = 16 * 1024;  // request line and headers
inline constexpr std::size_t kMostBodyBytes = 64 * 1024;

struct RequestFrame {
  enum class State { kIncomplete, kComplete, kRefused };
  State state = State::kIncomplete;
  std::size_t length = 0;  // kComplete: bytes of the request, body included
  int status = 0;          // kRefused: what to answer before closing
};

// What earlier calls learned of the same request, so that a byte that arrives costs no more than
// itself. Start afresh for each request.
struct FrameProgress {
  std::size_t searched = 0;  // no end of the head before this
  std::size_t length = 0;    // of the whole request, once its head is read; else 0
};

RequestFrame FrameRequest(std::string_view received, FrameProgress& progress);
inline RequestFrame FrameRequest(std::string_view received) {
  FrameProgress progress;
  return FrameRequest(received, progress);
}

}  // namespace chatscale
