// One client connection as the connection loop sees it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "exporter/net/socket.h"
#include "exporter/net/tls_session.h"
#include "exporter/web/listener/request_frame.h"

namespace chatscale {

class Connection {
 public:
  using Time = std::chrono::steady_clock::time_point;

  enum class State {
    kHandshaking,    // of TLS; waits for bytes of the client
    kHandshakeStep,  // a worker does what these bytes ask for
    kReading,        // part of a request may have come
    kIdle,           // between two requests
    kHandling,       // a worker makes the answer
    kWriting,
    kLingering,  // refused and half closed: a reset would destroy the answer on its way
  };

  // Takes over the socket `fd`. Without `tls`, bytes go as they are.
  Connection(int fd, std::uint64_t id, std::shared_ptr<TlsSession> tls)
      : socket_(fd), id_(id), tls_(std::move(tls)) {}

  using Io = Socket::Io;
  // At most one buffer full: appended to `in`, or, during a handshake, fed to the session.
  Io Receive();
  // kSome: all of `out` and `body` is sent. kLater: no more can be taken now; `progress` tells
  // whether any was.
  Io Send(bool& progress);
  // No more will be sent, and the client is told.
  void HalfClose();

  // Of the handshake; a worker may have it while the state is kHandshakeStep, and only then.
  const std::shared_ptr<TlsSession>& tls() const { return tls_; }
  // What the client began with is no TLS. Bytes go as they are from now on.
  bool GaveUpTls();
  // After a step: sends what it made; false when that cannot be sent.
  bool SendHandshake();
  // The handshake is complete: what came with its last bytes is appended to `in`.
  void Open();

  int fd() const { return socket_.fd(); }
  std::uint64_t id() const { return id_; }
  std::string RemoteIp() const { return socket_.RemoteIp(); }

  State state = State::kReading;
  Time deadline{};
  Time since{};  // of the state; when writing, of the last byte taken
  std::string in;
  FrameProgress framed;  // of the request at the beginning of `in`
  std::string out;
  std::shared_ptr<const std::string> body;  // sent after `out`; shared among connections
  // What the loop counts of an answer that is under way; see ConnectionLoop::Hold.
  std::size_t held_out = 0, held_body_bytes = 0;
  const std::string* held_body = nullptr;
  std::uint32_t interest = 0;  // epoll events asked for
  bool close_after_write = false;
  bool linger = false;

 private:
  Io SendSealed(bool& progress);

  Socket socket_;
  const std::uint64_t id_;
  std::size_t sent_ = 0;  // of `out` and `body`; under TLS, sealed
  std::shared_ptr<TlsSession> tls_;
  bool began_ = false;  // a byte has come
  bool no_tls_ = false;
  bool open_ = false;   // the handshake is complete
  std::string sealed_;  // under TLS, to be sent
};

}  // namespace chatscale
