// TLS client session, as a transformer of bytes without a socket. One thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct ssl_st;

namespace chatscale {

// OpenSSL's message for this thread's last failure; clears the thread's error queue.
std::string LastTlsError();

class TlsSession {
 public:
  // The server must present a certificate for `host` (a name or an address), issued by an authority
  // of `ca_file`, or of the system's when that is empty. kTls: the file cannot be used.
  static absl::StatusOr<std::unique_ptr<TlsSession>> Create(const std::string& host,
                                                            const std::string& ca_file);

  // One step of the handshake; true when it is complete. The bytes of Take must be sent either way.
  // kTls: refused, with the reason.
  absl::StatusOr<bool> Handshake();

  // Adds bytes received from the peer.
  void Feed(std::string_view cipher);
  // Appends what can be decrypted of them. False: the connection is broken or closed.
  bool Decrypt(std::string& plain);

  // Requires a complete handshake.
  bool Encrypt(std::string_view plain);
  // Removes the bytes to be sent to the peer.
  std::string Take();

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };
  explicit TlsSession(ssl_st* session);

  std::unique_ptr<ssl_st, Free> session_;
};

}  // namespace chatscale
