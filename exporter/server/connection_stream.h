// A client's socket as the stream that cpp-httplib reads a request from and writes a response to,
// plain or under TLS. The library knows timeouts of single reads only; here a deadline holds for a
// whole handshake and request head, for a whole response, and between two requests.
#pragma once

#include <httplib.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "exporter/server/connection.h"
#include "exporter/server/tls_server.h"

namespace chatscale {

// The head of a request before cpp-httplib parses it: checked, and rewritten to what the library
// handles safely. Pure. https://www.rfc-editor.org/rfc/rfc9112

inline constexpr std::size_t kMaxHeadBytes = 16 * 1024;  // request line and headers
inline constexpr std::size_t kMaxHeadLines = 200;
inline constexpr std::size_t kMaxBodyBytes = 64 * 1024;

struct RequestHead {
  int refusal = 0;              // HTTP status to answer with; 0: the request is well formed
  std::string explanation;      // of the refusal; "" where the status says it all
  bool announces_body = false;  // Content-Length or Transfer-Encoding is there
  std::string path;             // as sent, without the query
  std::string authorization;    // as sent: the library decodes percent signs; "" without one
};

// Checks `head`, which ends in an empty line. Removes `Range`: the library matches it with a
// recursive std::regex before any hook, and serves ranges of documents that change. Turns an
// absolute target ("GET http://host/path") into its path. Where the request is refused, `head`
// becomes one that the library accepts.
RequestHead PrepareHead(std::string& head);

// A head that is refused whatever it says.
RequestHead RefuseHead(std::string& head, int status);

class ConnectionStream final : public httplib::Stream {
 public:
  using Time = Connection::Time;
  enum class Outcome { kOk, kEnded, kSlow, kTls };

  // The socket is non-blocking, and the caller's to close. Without `tls`, plain. `blocked` is
  // called when the client does not read fast enough.
  ConnectionStream(Connection& connection, const ConnectionDeadlines& deadlines,
                   std::shared_ptr<const TlsServer> tls, std::function<void()> blocked);
  ~ConnectionStream() override;

  // Steps of handshakes, which cost signatures, run one at a time. A client that speaks HTTP to an
  // HTTPS port gets a 400 in plain text.
  Outcome Handshake(std::mutex& one_at_a_time);
  // Waits for the whole head of the next request and checks it; read() then yields it, and nothing
  // beyond.
  Outcome AwaitHead();
  const RequestHead& head() const { return prepared_; }
  // Sends what was written.
  Outcome Flush();
  // After the last response, or a handshake that failed. Waits a little for a client that may still
  // be sending: it would lose the response, or the alert, to a reset.
  void Close();

  bool is_readable() const override { return true; }
  bool is_writable() const override { return sending_ == Outcome::kOk; }
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return INVALID_SOCKET; }  // else limited to FD_SETSIZE

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };
  enum class Io { kDone, kWantRead, kWantWrite, kBroken };

  Io Classify(int result) const;  // of an OpenSSL call
  Io TryReceive(char* to, std::size_t size, std::size_t& got);
  Io TrySend(std::string_view first, std::string_view second, std::size_t& sent);
  bool Await(Io wanted, Time deadline) const;
  Outcome Receive(Time deadline);
  bool Send(std::string_view first, std::string_view second);

  Connection& connection_;
  const ConnectionDeadlines deadlines_;
  const std::function<void()> blocked_;
  const std::shared_ptr<const TlsServer> tls_;  // outlives the session
  std::unique_ptr<ssl_st, Free> session_;       // null: plain
  const Time opened_ = std::chrono::steady_clock::now();
  bool plain_on_tls_ = false;
  bool first_ = true;  // no request has been read

  std::string received_;  // and not read yet
  std::string head_;      // of the request under way
  RequestHead prepared_;
  std::size_t read_ = 0;  // of head_
  std::string written_;   // and not sent yet
  Time write_by_ = Time::max();
  Outcome sending_ = Outcome::kOk;
};

}  // namespace chatscale
