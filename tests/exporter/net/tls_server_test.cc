#include "exporter/net/tls_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/files/read_file.h"
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

TEST_F(TlsServerTest, BytesArriveAsTheyWereSent) {
  auto server = TlsServer::Create(Options());
  ASSERT_TRUE(server.ok()) << server.status();
  auto client = TlsSession::Create("127.0.0.1", certificates_.authority.cert);
  ASSERT_TRUE(client.ok()) << client.status();
  const std::unique_ptr<TlsSession> session = (*server)->Accept();
  server->reset();  // replaced while the handshake is under way
  bool client_done = false, server_done = false;
  for (int i = 0; i < 10 && !(client_done && server_done); ++i) {
    client_done = *(*client)->Handshake();
    session->Feed((*client)->Take());
    server_done = *session->Handshake();
    (*client)->Feed(session->Take());
  }
  ASSERT_TRUE(client_done && server_done);
  (*client)->Encrypt("question");
  session->Feed((*client)->Take());
  std::string plain;
  EXPECT_TRUE(session->Decrypt(plain));
  EXPECT_EQ(plain, "question");
  session->Encrypt(std::string(100'000, 'x'));
  session->Close();
  (*client)->Feed(session->Take());
  std::string answer;
  EXPECT_FALSE((*client)->Decrypt(answer)) << "it is over";
  EXPECT_EQ(answer, std::string(100'000, 'x'));
}

TEST_F(TlsServerTest, SaysWhatItCannotUse) {
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
  EXPECT_EQ(Refusal(options), "cipher suite \"TLS_HOPE\" is not known");

  options = Options();
  options.groups = {"P-256", "X25519"};
  EXPECT_EQ(Refusal(options), "");
  options.groups = {"P-1"};
  EXPECT_THAT(Refusal(options), HasSubstr("curves: "));
}

}  // namespace
}  // namespace chatscale
