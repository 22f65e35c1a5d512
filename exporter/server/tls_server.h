// TLS server: its settings, and its side of each connection. TLS 1.2 or later, no session
// resumption, no renegotiation.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

struct ssl_ctx_st;
struct ssl_st;

namespace chatscale {

// Authentication by client certificates, as Go's tls.ClientAuthType.
enum class ClientCertificates {
  kNone,
  kRequest,           // requested, not verified
  kRequireAny,        // required, not verified
  kVerifyIfGiven,     // verified when presented
  kRequireAndVerify,  // required and verified
};

struct TlsServerOptions {
  std::string certificates;  // PEM: the server's first, then those of its issuers
  std::string key;           // PEM, without a password; secret
  ClientCertificates client_certificates = ClientCertificates::kNone;
  std::string client_authorities;                // PEM; required where clients are verified
  std::vector<std::string> client_allowed_sans;  // one of a client's must be among them; empty: any
  bool only_tls13 = false;
  bool only_tls12 = false;
  std::vector<std::string> cipher_suites;  // of TLS 1.2, names of the IANA registry; empty: default
  std::vector<std::string> groups;         // OpenSSL's names; empty: X25519, P-256, P-384, P-521
  bool prefer_own_ciphers = true;
  bool operator==(const TlsServerOptions&) const = default;
};

class TlsServer {
 public:
  // kInvalidArgument: which setting is unusable, and why. No error contains any of the key.
  static absl::StatusOr<std::shared_ptr<const TlsServer>> Create(const TlsServerOptions& options);
  ~TlsServer();

  // The server's side of a connection on the socket `fd`, to be freed with SSL_free before this.
  // Null: out of memory. Thread-safe.
  ssl_st* NewSession(int fd) const;

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  TlsServer();

  std::unique_ptr<ssl_ctx_st, Free> context_;
  std::vector<std::string> allowed_sans_;
};

}  // namespace chatscale
