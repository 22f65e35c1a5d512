#include "exporter/web/listener/connection.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace chatscale {

Connection::Io Connection::Receive() {
  constexpr std::size_t kReadBytes = 16 * 1024;
  std::array<char, kReadBytes> buffer;
  std::size_t got = 0;
  const Io io = socket_.Receive(buffer, got);
  const std::string_view bytes(buffer.data(), got);
  if (!tls_) {
    in.append(bytes);
    return io;
  }
  constexpr char kHandshakeRecord = 22;
  if (got > 0 && !std::exchange(began_, true)) no_tls_ = bytes.front() != kHandshakeRecord;
  tls_->Feed(bytes);
  if (!open_ || got == 0) return io;
  const std::size_t before = in.size();
  const bool goes_on = tls_->Decrypt(in);
  return goes_on || in.size() > before ? io : Io::kEnded;
}

bool Connection::GaveUpTls() {
  if (no_tls_) tls_.reset();
  return no_tls_;
}

bool Connection::SendHandshake() {
  const std::string bytes = tls_->Take();
  std::size_t put = 0;
  // A flight is smaller than any socket's buffer: a client that takes none of it is not worth
  // waiting for.
  return bytes.empty() || (socket_.Send(bytes, "", put) == Io::kSome && put == bytes.size());
}

void Connection::Open() {
  open_ = true;
  tls_->Decrypt(in);
}

void Connection::HalfClose() {
  if (tls_ && open_) {
    tls_->Close();
    std::size_t put = 0;
    const std::string farewell = tls_->Take();
    socket_.Send(farewell, "", put);
  }
  socket_.HalfClose();
}

Connection::Io Connection::Send(bool& progress) {
  progress = false;
  if (tls_) return SendSealed(progress);
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

// Sealed piece by piece: a slow client holds one piece, not a copy of the body.
Connection::Io Connection::SendSealed(bool& progress) {
  constexpr std::size_t kPiece = 64 * 1024;
  const std::string_view tail = body ? std::string_view(*body) : "";
  while (true) {
    while (!sealed_.empty()) {
      std::size_t put = 0;
      const Io io = socket_.Send(sealed_, "", put);
      if (io != Io::kSome) return io;
      progress = true;
      sealed_.erase(0, put);
    }
    const std::size_t end = std::min(out.size() + tail.size(), sent_ + kPiece);
    if (sent_ == end) break;
    while (sent_ < end) {
      const std::string_view rest = sent_ < out.size()
                                        ? std::string_view(out).substr(sent_, end - sent_)
                                        : tail.substr(sent_ - out.size(), end - sent_);
      if (!tls_->Encrypt(rest)) return Io::kEnded;
      sent_ += rest.size();
    }
    sealed_ = tls_->Take();
  }
  sent_ = 0;
  out.clear();
  body.reset();
  return Io::kSome;
}

}  // namespace chatscale
