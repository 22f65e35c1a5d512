// A client that does exactly what it is told, byte by byte: for tests of listeners.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"

struct ssl_st;

namespace chatscale {

// How a client speaks TLS. Paths of PEM files; without `ca`, it does not.
struct ClientTls {
  std::string ca;
  std::string cert = {};  // what it shows; empty: nothing
  std::string key = {};
};

class TcpClient {
 public:
  // Connects to 127.0.0.1, with a whole handshake under TLS; see connected().
  explicit TcpClient(int port, const ClientTls& tls = {});
  ~TcpClient();
  TcpClient(TcpClient&& other) noexcept;
  TcpClient& operator=(TcpClient&&) = delete;

  bool connected() const { return fd_ >= 0; }
  bool Send(std::string_view bytes);  // all of it; false when the peer is gone
  bool UpdateKeys();                  // TLS 1.3: a KeyUpdate message
  void HalfClose();
  void Reset();  // the peer sees "connection reset"
  // What comes until the peer closes or `timeout` is over.
  std::string ReadAll(absl::Duration timeout);
  // What comes until it ends with or contains `mark`, the peer closes or `timeout` is over.
  std::string ReadUntil(std::string_view mark, absl::Duration timeout);
  // Whether the peer has closed the connection, waiting for it at most `timeout`.
  bool Closed(absl::Duration timeout);

 private:
  bool ShakeHands(const ClientTls& tls);

  struct Free {
    void operator()(ssl_st* session) const;
  };
  int fd_ = -1;
  bool ended_ = false;
  std::unique_ptr<ssl_st, Free> session_;
};

struct HttpReply {
  int status = 0;  // 0: no answer
  std::string head;
  std::string body;
  absl::Duration took;
};

// One request on a connection of its own. `headers` are whole lines, each ending in CRLF.
HttpReply Fetch(int port, const std::string& target, const std::string& headers = "",
                const std::string& method = "GET", const ClientTls& tls = {});

}  // namespace chatscale
