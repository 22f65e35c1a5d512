// One accepted connection of a StubServer, plain or TLS. Every wait ends when the server stops.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace chatscale {

inline constexpr int kSliceMs = 20;  // how soon a stopping server is noticed

struct StubRequest {
  std::string method;
  std::string target;  // path and query
  std::string head;    // request line and headers, as sent
  std::string body;

  // The value of the first such header, or nullopt. `name` in lower case.
  std::optional<std::string> Header(std::string_view name) const;
};

class StubConnection {
 public:
  // Takes `fd`. `tls` may be null. `stopping` outlives this.
  StubConnection(int fd, SSL_CTX* tls, const std::atomic<bool>& stopping);
  ~StubConnection();
  StubConnection(const StubConnection&) = delete;
  StubConnection& operator=(const StubConnection&) = delete;

  bool Handshake();                          // false: refused by either side
  std::optional<StubRequest> ReadRequest();  // nullopt: closed, or no request
  bool Write(std::string_view bytes);        // false: closed
  bool Pause(absl::Duration duration);       // false: stopping
  void WaitForClose();

 private:
  enum class Wait { kRead, kWrite };
  // A short wait for the socket; false when the server stops.
  bool Ready(Wait wait) const;
  // Bytes read, appended to `input_`; false when closed.
  bool ReadSome();

  const int fd_;
  const std::atomic<bool>& stopping_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  std::string input_;
};

}  // namespace chatscale
