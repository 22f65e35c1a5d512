// A non-blocking stream socket, that we connect.
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

// A server's name to addresses, within a deadline. The system's resolver has none of its own: one
// that does not answer holds its caller for half a minute.

// "10.0.0.1", "::1": nothing to look up.
bool IsNumericAddress(const std::string& host);

class NameLookup {
 public:
  // Appends the addresses of a host; may block for long. `SystemResolver` asks the system.
  using Resolver = std::function<absl::Status(const std::string& host, std::vector<std::string>&)>;
  static absl::Status SystemResolver(const std::string& host, std::vector<std::string>& addresses);

  explicit NameLookup(std::string host, Resolver resolver = SystemResolver)
      : host_(std::move(host)), resolver_(std::move(resolver)) {}

  // Numeric addresses ("10.0.0.1", "::1"), in the resolver's order. The lookup runs on a thread of
  // its own: one that outlives the deadline is waited for again by the next call, never started a
  // second time. kConnect: not found. kTimeout: no answer within the deadline.
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

  // Takes over `fd`, which is closed with this. Small writes are sent at once.
  explicit Socket(int fd);
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  // Begin to connect to a numeric address or a path. When it is ready to be written to, Outcome
  // tells what became of it. kConnect: it cannot even begin.
  static absl::StatusOr<Socket> ToAddress(const std::string& address, int port);
  static absl::StatusOr<Socket> ToUnix(const std::string& path);
  absl::Status Outcome() const;

  // Waits for any of the poll(2) `events`; what is ready. kTimeout, kConnect.
  absl::StatusOr<short> Await(short events, Deadline deadline) const;

  enum class Io {
    kSome,   // `moved` bytes
    kLater,  // none can be moved now
    kEnded,  // the other side closed, or it failed: see LastError
  };
  Io Receive(std::span<char> buffer, std::size_t& moved);
  Io Send(std::string_view first, std::string_view second, std::size_t& moved);
  // What the last kEnded was about; "" when the other side closed.
  std::string LastError() const;

  int fd() const { return fd_; }

 private:
  int fd_ = -1;
  int error_ = 0;
};

}  // namespace chatscale
