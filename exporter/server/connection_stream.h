// A client's socket, plain or with TLS, as the stream of cpp-httplib. The library has timeouts of
// single reads only; here a deadline applies to the handshake and the request head together, to a
// whole response, and between two requests.
#pragma once

#include <httplib.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/server/connection.h"
#include "exporter/server/request_gate.h"
#include "exporter/server/tls_server.h"

namespace chatscale {

inline constexpr std::size_t kMaxHeadBytes = 16 * 1024;  // request line and headers
inline constexpr std::size_t kMaxHeadLines = 200;
inline constexpr std::size_t kMaxBodyBytes = 64 * 1024;

struct RequestHead {
  int refusal = 0;              // HTTP status of the response; 0: the request is well formed
  std::string explanation;      // body of the refusal; "": the status page
  bool announces_body = false;  // has Content-Length or Transfer-Encoding
  std::string path;             // as sent, without the query
  std::string authorization;    // as sent: the library decodes percent signs; "" without one
};

// Checks a request head, which ends in an empty line, before cpp-httplib parses it, and rewrites it
// to what the library handles safely (https://www.rfc-editor.org/rfc/rfc9112). Removes `Range`: the
// library matches it with a recursive std::regex before any hook, and serves ranges of documents
// that change. Removes `Expect` and `Content-Type`: no body is read. Replaces an absolute target
// ("GET http://host/path") by its path. When the request is refused, `head` becomes one that the
// library accepts. Pure.
RequestHead PrepareHead(std::string& head);

// Refuses a request whatever its head is.
RequestHead RefuseHead(std::string& head, int status);

class ConnectionStream final : public httplib::Stream {
 public:
  using Time = Connection::Time;
  enum class Outcome { kOk, kEnded, kSlow, kTls };

  // The socket is non-blocking; the caller closes it. Plain HTTP without `tls`. The callback
  // `blocked` is called when the client does not read fast enough.
  ConnectionStream(Connection& connection, const ConnectionDeadlines& deadlines,
                   std::shared_ptr<const TlsServer> tls, std::function<void()> blocked);
  ~ConnectionStream() override;

  // Steps of handshakes that may cost a signature run one at a time. A client that sends plain HTTP
  // to the HTTPS port gets a 400 in plain text.
  Outcome Handshake(RequestGate& one_at_a_time);
  // Waits for the whole head of the next request and checks it; read() then returns only that.
  Outcome AwaitHead();
  const RequestHead& head() const { return prepared_; }
  // Sends what was written.
  Outcome Flush();
  // After the last response, or a failed handshake. Lingers for a client that may still be sending,
  // which would lose the response, or the TLS alert, to a reset.
  void Close();

  bool is_readable() const override { return true; }
  bool is_writable() const override { return sending_ == Outcome::kOk; }
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return INVALID_SOCKET; }  // avoids select's FD_SETSIZE

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };
  enum class Io { kDone, kWantRead, kWantWrite, kBroken };

  Io Classify(int result) const;  // `result` of an OpenSSL call
  Io TryReceive(char* to, std::size_t size, std::size_t& got);
  Io TrySend(std::string_view first, std::string_view second, std::size_t& sent);
  bool Await(Io wanted, Time deadline) const;
  Outcome Receive(Time deadline);
  Outcome AwaitClientHello(Time deadline);
  bool Send(std::string_view first, std::string_view second);

  Connection& connection_;
  const ConnectionDeadlines deadlines_;
  const std::function<void()> blocked_;
  const std::shared_ptr<const TlsServer> tls_;  // outlives the session
  std::unique_ptr<ssl_st, Free> session_;       // null: plain
  const Time opened_ = std::chrono::steady_clock::now();
  bool plain_on_tls_ = false;
  bool signed_ = false;  // the handshake needs no further signature
  bool first_ = true;    // no request has been read

  std::string received_;  // not read yet
  std::string head_;      // of the current request
  RequestHead prepared_;
  std::size_t read_ = 0;  // bytes of head_
  std::string written_;   // not sent yet
  Time write_by_ = Time::max();
  Outcome sending_ = Outcome::kOk;
};

}  // namespace chatscale
