// One client connection as the connection loop sees it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace chatscale {

// An open, non-blocking TCP socket. Closed with this.
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

  Connection(int fd, std::uint64_t id);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  enum class Io { kSome, kLater, kEnded };
  Io Receive();  // appends to `in`, at most one buffer full
  Io Send();     // kSome: all of `out` is sent
  void HalfClose();

  int fd() const { return fd_; }
  std::uint64_t id() const { return id_; }
  std::string RemoteIp() const;

  State state = State::kReading;
  Time deadline{};
  Time since{};  // of the state
  std::string in;
  std::string out;
  bool close_after_write = false;
  bool linger = false;

 private:
  const int fd_;
  const std::uint64_t id_;
  std::size_t sent_ = 0;
};

}  // namespace chatscale
