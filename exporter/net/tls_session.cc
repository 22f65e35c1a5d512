#include "exporter/net/tls_session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

#include "absl/strings/str_cat.h"
#include "exporter/model/error_kind.h"
#include "exporter/net/socket.h"

namespace chatscale {

std::string LastTlsError() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = reason != nullptr ? reason : "unknown error";
  ERR_clear_error();
  return text;
}

void TlsSession::Free::operator()(ssl_st* session) const { SSL_free(session); }

TlsSession::TlsSession(ssl_st* session) : session_(session) {
  SSL_set_bio(session, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
}

absl::StatusOr<std::unique_ptr<TlsSession>> TlsSession::Create(const std::string& host,
                                                               const std::string& ca_file) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> owner(SSL_CTX_new(TLS_client_method()),
                                                           SSL_CTX_free);
  SSL_CTX* context = owner.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  const bool trusts = ca_file.empty()
                          ? SSL_CTX_set_default_verify_paths(context) == 1
                          : SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) == 1;
  if (!trusts) {
    return KindError(ErrorKind::kTls,
                     absl::StrCat("authorities of ", ca_file, ": ", LastTlsError()));
  }
  SSL* session = SSL_new(context);
  SSL_set_connect_state(session);
  std::unique_ptr<TlsSession> tls(new TlsSession(session));
  if (IsNumericAddress(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str());
  } else {
    SSL_set1_host(session, host.c_str());
    SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
  }
  return tls;
}

absl::StatusOr<bool> TlsSession::Handshake() {
  const int result = SSL_do_handshake(session_.get());
  if (result == 1) return true;
  if (SSL_get_error(session_.get(), result) == SSL_ERROR_WANT_READ) return false;
  const long verified = SSL_get_verify_result(session_.get());
  return KindError(ErrorKind::kTls, verified == X509_V_OK
                                        ? LastTlsError()
                                        : X509_verify_cert_error_string(verified));
}

void TlsSession::Feed(std::string_view cipher) {
  BIO_write(SSL_get_rbio(session_.get()), cipher.data(), static_cast<int>(cipher.size()));
}

bool TlsSession::Decrypt(std::string& plain) {
  std::array<char, 16 * 1024> buffer;
  while (true) {
    const int n = SSL_read(session_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (n > 0) {
      plain.append(buffer.data(), static_cast<std::size_t>(n));
      continue;
    }
    const bool waits = SSL_get_error(session_.get(), n) == SSL_ERROR_WANT_READ;
    ERR_clear_error();
    return waits;
  }
}

bool TlsSession::Encrypt(std::string_view plain) {
  constexpr std::size_t kMaxWrite = 1 << 30;
  while (!plain.empty()) {
    const std::size_t size = std::min(plain.size(), kMaxWrite);
    const int n = SSL_write(session_.get(), plain.data(), static_cast<int>(size));
    if (n <= 0) return false;
    plain.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string TlsSession::Take() {
  char* data = nullptr;
  BIO* out = SSL_get_wbio(session_.get());
  const long size = BIO_get_mem_data(out, &data);
  std::string bytes(data, static_cast<std::size_t>(size));
  BIO_reset(out);
  return bytes;
}

}  // namespace chatscale
