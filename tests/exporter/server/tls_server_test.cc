#include "exporter/server/tls_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/files/files.h"
#include "tests/support/test_certificates.h"

namespace chatscale {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Read(const std::string& path) { return *ReadWholeFile(path, 1 << 20); }

class TlsServerTest : public testing::Test {
 protected:
  TlsServerOptions Options() const {
    return {.certificates = Read(certificates_.server.cert), .key = Read(certificates_.server.key)};
  }

  std::string Refusal(const TlsServerOptions& options) const {
    return std::string(TlsServer::Create(options).status().message());
  }

  const TestCertificates certificates_;
};

TEST_F(TlsServerTest, ErrorsNameTheInvalidOption) {
  TlsServerOptions options = Options();
  options.certificates = "nonsense";
  EXPECT_THAT(Refusal(options), HasSubstr("certificate: "));

  options = Options();
  options.key = Read(certificates_.client.key);
  EXPECT_THAT(Refusal(options), HasSubstr("key: key values mismatch"));
  EXPECT_THAT(Refusal(options), Not(HasSubstr("BEGIN")));

  options = Options();
  options.client_certificates = ClientCertificates::kRequireAndVerify;
  EXPECT_THAT(Refusal(options), HasSubstr("client authorities: "));
  options.client_authorities =
      Read(certificates_.authority.cert) + "-----BEGIN CERTIFICATE-----\nx";
  EXPECT_THAT(Refusal(options), HasSubstr("client authorities: ")) << "cut off";

  options = Options();
  options.cipher_suites = {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"};
  EXPECT_EQ(Refusal(options), "");
  options.cipher_suites = {"TLS_HOPE"};
  EXPECT_EQ(Refusal(options), "cipher suite \"TLS_HOPE\" is unknown");

  options = Options();
  options.groups = {"P-256", "X25519"};
  EXPECT_EQ(Refusal(options), "");
  options.groups = {"P-1"};
  EXPECT_THAT(Refusal(options), HasSubstr("curves: "));
}

}  // namespace
}  // namespace chatscale
