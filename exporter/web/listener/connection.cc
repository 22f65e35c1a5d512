#include "exporter/web/listener/connection.h"

#include <array>
#include <string_view>

namespace chatscale {

Connection::Io Connection::Receive() {
  constexpr std::size_t kReadBytes = 16 * 1024;
  std::array<char, kReadBytes> buffer;
  std::size_t got = 0;
  const Io io = socket_.Receive(buffer, got);
  in.append(buffer.data(), got);
  return io;
}

Connection::Io Connection::Send(bool& progress) {
  progress = false;
  const std::string_view tail = body ? std::string_view(*body) : "";
  while (sent_ < out.size() + tail.size()) {
    const std::size_t of_out = std::min(sent_, out.size());
    std::size_t put = 0;
    const Io io =
        socket_.Send(std::string_view(out).substr(of_out), tail.substr(sent_ - of_out), put);
    if (io != Io::kSome) return io;
    progress = true;
    sent_ += put;
  }
  sent_ = 0;
  out.clear();
  body.reset();
  return Io::kSome;
}

}  // namespace chatscale
