#include "exporter/server/tls_server.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "exporter/net/tls_session.h"

namespace chatscale {
namespace {

using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

constexpr long kMaxClientCertificateBytes = 32 * 1024;  // with its issuers; allocated as announced

absl::Status Unusable(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", LastTlsError()));
}

Bio MemoryBio(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

Certificate NextCertificate(BIO* pem) {
  return {PEM_read_bio_X509(pem, nullptr, nullptr, nullptr), X509_free};
}

// OpenSSL reports the end of a PEM text as an error.
bool OnlyEnded() {
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (ended) ERR_clear_error();
  return ended;
}

absl::Status UseCertificates(const std::string& pem, SSL_CTX* context) {
  const Bio text = MemoryBio(pem);
  const Certificate own = NextCertificate(text.get());
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) return Unusable("certificate");
  while (Certificate issuer = NextCertificate(text.get())) {
    if (SSL_CTX_add0_chain_cert(context, issuer.get()) != 1) return Unusable("certificate chain");
    issuer.release();  // NOLINT(bugprone-unused-return-value): owned by the context
  }
  return OnlyEnded() ? absl::OkStatus() : Unusable("certificate chain");
}

absl::Status UseKey(const std::string& pem, SSL_CTX* context) {
  // Else OpenSSL would prompt for a password on the terminal.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  const Bio text = MemoryBio(pem);
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      PEM_read_bio_PrivateKey(text.get(), nullptr, no_password, nullptr), EVP_PKEY_free);
  if (!key) return Unusable("key");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return Unusable("key");
  }
  return absl::OkStatus();
}

absl::Status UseAuthorities(const std::string& pem, SSL_CTX* context) {
  const Bio text = MemoryBio(pem);
  int count = 0;
  while (const Certificate authority = NextCertificate(text.get())) {
    const bool added = X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) == 1 &&
                       SSL_CTX_add_client_CA(context, authority.get()) == 1;
    if (!added) return Unusable("client authorities");
    ++count;
  }
  return OnlyEnded() && count > 0 ? absl::OkStatus() : Unusable("client authorities");
}

int VerifyMode(ClientCertificates mode) {
  switch (mode) {
    case ClientCertificates::kNone:
      return SSL_VERIFY_NONE;
    case ClientCertificates::kRequest:
    case ClientCertificates::kVerifyIfGiven:
      return SSL_VERIFY_PEER;
    case ClientCertificates::kRequireAny:
    case ClientCertificates::kRequireAndVerify:
      return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  return SSL_VERIFY_NONE;
}

std::string TextOf(const GENERAL_NAME& name) {
  if (name.type == GEN_IPADD) {
    std::array<char, 64> text{};
    const ASN1_OCTET_STRING* ip = name.d.iPAddress;
    const int family = ASN1_STRING_length(ip) == 4 ? AF_INET : AF_INET6;
    if (ASN1_STRING_length(ip) != (family == AF_INET ? 4 : 16)) return "";
    ::inet_ntop(family, ASN1_STRING_get0_data(ip), text.data(), text.size());
    return text.data();
  }
  if (name.type != GEN_DNS && name.type != GEN_EMAIL && name.type != GEN_URI) return "";
  const ASN1_IA5STRING* text = name.d.ia5;
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

bool HasOneOf(X509* certificate, const std::vector<std::string>& allowed) {
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const std::string name = TextOf(*sk_GENERAL_NAME_value(names.get(), i));
    if (!name.empty() && std::ranges::find(allowed, name) != allowed.end()) return true;
  }
  return false;
}

// Index of the allowed SANs in the ex_data of an SSL_CTX.
int IndexOfSans() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int AllowListed(int good, X509_STORE_CTX* verification) {
  if (good != 1 || X509_STORE_CTX_get_error_depth(verification) != 0) return good;
  const auto* session = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* allowed = static_cast<const std::vector<std::string>*>(
      SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), IndexOfSans()));
  if (allowed->empty() || HasOneOf(X509_STORE_CTX_get_current_cert(verification), *allowed)) {
    return 1;
  }
  X509_STORE_CTX_set_error(verification, X509_V_ERR_HOSTNAME_MISMATCH);
  return 0;
}

absl::Status VerifyClients(const TlsServerOptions& options, SSL_CTX* context) {
  const ClientCertificates mode = options.client_certificates;
  const bool verified =
      mode == ClientCertificates::kVerifyIfGiven || mode == ClientCertificates::kRequireAndVerify;
  SSL_CTX_set_verify(
      context, VerifyMode(mode), verified ? AllowListed : [](int, X509_STORE_CTX*) { return 1; });
  return verified ? UseAuthorities(options.client_authorities, context) : absl::OkStatus();
}

absl::Status ChooseAlgorithms(const TlsServerOptions& options, SSL_CTX* context) {
  // TLS 1.2 as in Mozilla's intermediate list: no RSA key exchange, no CBC.
  std::vector<std::string> names = {"ECDHE+AESGCM", "ECDHE+CHACHA20"};
  if (!options.cipher_suites.empty()) {
    names.clear();
    for (const std::string& suite : options.cipher_suites) {
      const std::string name = OPENSSL_cipher_name(suite.c_str());
      if (name == "(NONE)") {
        return absl::InvalidArgumentError(absl::StrCat("cipher suite \"", suite, "\" is unknown"));
      }
      names.push_back(name);
    }
  }
  if (SSL_CTX_set_cipher_list(context, absl::StrJoin(names, ":").c_str()) != 1) {
    return Unusable("cipher suites");
  }
  // Default: those of Go, as the exporter-toolkit's. OpenSSL's own has finite fields (ffdhe8192),
  // whose handshakes cost 120 ms.
  const std::string groups =
      options.groups.empty() ? "X25519:P-256:P-384:P-521" : absl::StrJoin(options.groups, ":");
  if (SSL_CTX_set1_groups_list(context, groups.c_str()) != 1) {
    return Unusable("curves");
  }
  if (options.prefer_own_ciphers) SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  return absl::OkStatus();
}

// ALPN: only HTTP/1.1 is supported; a client that does not offer it is refused.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* length,
                   const unsigned char* offered, unsigned int offered_length, void*) {
  // Static: `*chosen` points into it.
  static constexpr std::array<unsigned char, 9> kOurs = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* out = nullptr;
  const int outcome =
      SSL_select_next_proto(&out, length, kOurs.data(), kOurs.size(), offered, offered_length);
  *chosen = out;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void Harden(const TlsServerOptions& options, SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, options.only_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  if (options.only_tls12) SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // less memory for idle connections
  // Else one SSL_read goes on while the client sends KeyUpdates, past every deadline.
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_max_cert_list(context, kMaxClientCertificateBytes);
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
}

}  // namespace

void TlsServer::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
TlsServer::TlsServer() : context_(SSL_CTX_new(TLS_server_method())) {}
TlsServer::~TlsServer() = default;

absl::StatusOr<std::shared_ptr<const TlsServer>> TlsServer::Create(
    const TlsServerOptions& options) {
  std::shared_ptr<TlsServer> server(new TlsServer);
  SSL_CTX* context = server->context_.get();
  server->allowed_sans_ = options.client_allowed_sans;
  SSL_CTX_set_ex_data(context, IndexOfSans(), &server->allowed_sans_);
  ERR_clear_error();
  Harden(options, context);
  for (const absl::Status& status :
       {UseCertificates(options.certificates, context), UseKey(options.key, context),
        VerifyClients(options, context), ChooseAlgorithms(options, context)}) {
    if (!status.ok()) return status;
  }
  return server;
}

ssl_st* TlsServer::NewSession(int fd) const {
  SSL* session = SSL_new(context_.get());
  if (session == nullptr) return nullptr;
  SSL_set_accept_state(session);
  SSL_set_fd(session, fd);
  return session;
}

}  // namespace chatscale
