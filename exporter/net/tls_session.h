// The client's side of one TLS connection, as a transformer of bytes: no socket inside. One thread
// at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct ssl_st;

namespace chatscale {

// Why OpenSSL refused, in its words.

// Of this thread's last failure; none is left afterwards.
std::string LastTlsError();

class TlsSession {
 public:
  // The server must show a certificate for `host` (a name or an address) by an
  // authority of `ca_file`, or of the system's when that is empty. kTls: the file cannot be used.
  static absl::StatusOr<std::unique_ptr<TlsSession>> Create(const std::string& host,
                                                            const std::string& ca_file);

  // One step of the handshake; true when it is complete. What Take returns must be sent either way.
  // kTls: refused, with the reason.
  absl::StatusOr<bool> Handshake();

  // Bytes received from the other side.
  void Feed(std::string_view cipher);
  // Appends what can be read of them. False: the connection is broken or over.
  bool Decrypt(std::string& plain);

  // Requires a complete handshake.
  bool Encrypt(std::string_view plain);
  // Bytes to be sent to the other side.
  std::string Take();

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };
  explicit TlsSession(ssl_st* session);

  std::unique_ptr<ssl_st, Free> session_;
};

}  // namespace chatscale
