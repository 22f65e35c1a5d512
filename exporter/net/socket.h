// Client sockets: a non-blocking stream socket, and name lookup with a deadline.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace chatscale {

// "10.0.0.1", "::1": no lookup is needed.
bool IsNumericAddress(const std::string& host);

// Resolves a host name within a deadline. The system's resolver has no deadline: when a name server
// does not respond, it blocks its caller for half a minute.
class NameLookup {
 public:
  // Appends the addresses of a host; may block for long. `SystemResolver` uses the system's.
  using Resolver = std::function<absl::Status(const std::string& host, std::vector<std::string>&)>;
  static absl::Status SystemResolver(const std::string& host, std::vector<std::string>& addresses);

  explicit NameLookup(std::string host, Resolver resolver = SystemResolver)
      : host_(std::move(host)), resolver_(std::move(resolver)) {}

  // Numeric addresses ("10.0.0.1", "::1"), in the resolver's order. The lookup runs on a thread of
  // its own: when it exceeds the deadline, the next call waits for it again and starts no second
  // one. kConnect: not found. kTimeout: no response within the deadline.
  absl::StatusOr<std::vector<std::string>> Addresses(
      std::chrono::steady_clock::time_point deadline);

 private:
  struct Pending;
  std::string host_;
  Resolver resolver_;
  std::shared_ptr<Pending> pending_;
};

class Socket {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // Owns `fd`. Small writes are sent at once (TCP_NODELAY).
  explicit Socket(int fd);
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  // Begins to connect to a numeric address or a path; kConnect when that fails at once. When the
  // socket is writable, Outcome has the result of the connect.
  static absl::StatusOr<Socket> ToAddress(const std::string& address, int port);
  static absl::StatusOr<Socket> ToUnix(const std::string& path);
  absl::Status Outcome() const;

  // Waits for any of the poll(2) `events`; returns those that are ready. kTimeout, kConnect.
  absl::StatusOr<short> Await(short events, Deadline deadline) const;

  enum class Io {
    kSome,   // `moved` bytes
    kLater,  // none can be moved now
    kEnded,  // the peer closed, or an error: see LastError
  };
  Io Receive(std::span<char> buffer, std::size_t& moved);
  Io Send(std::string_view first, std::string_view second, std::size_t& moved);
  // The error of the last kEnded; "" when the peer closed.
  std::string LastError() const;

  int fd() const { return fd_; }

 private:
  int fd_ = -1;
  int error_ = 0;
};

}  // namespace chatscale
