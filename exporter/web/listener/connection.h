// One client connection as the connection loop sees it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "exporter/net/socket.h"
#include "exporter/web/listener/request_frame.h"

namespace chatscale {

class Connection {
 public:
  using Time = std::chrono::steady_clock::time_point;

  enum class State {
    kReading,   // part of a request may have come
    kIdle,      // between two requests
    kHandling,  // a worker makes the answer
    kWriting,
    kLingering,  // refused and half closed: a reset would destroy the answer on its way
  };

  // Takes over the socket `fd`.
  Connection(int fd, std::uint64_t id) : socket_(fd), id_(id) {}

  using Io = Socket::Io;
  Io Receive();  // appends to `in`, at most one buffer full
  // kSome: all of `out` and `body` is sent. kLater: no more can be taken now; `progress` tells
  // whether any was.
  Io Send(bool& progress);
  void HalfClose() { socket_.HalfClose(); }

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
  Socket socket_;
  const std::uint64_t id_;
  std::size_t sent_ = 0;
};

}  // namespace chatscale
