#include <gtest/gtest.h>

#include "exporter/http/http_client.h"
#include "exporter/model/error_kind.h"
#include "tests/support/stub_behaviours.h"
#include "tests/support/test_certificates.h"

namespace chatscale {
namespace {

class TlsTest : public testing::Test {
 protected:
  static const TestCertificates& Files() {
    static const TestCertificates files;
    return files;
  }

  static StubTls Serve(const CertificatePair& pair) {
    return {.cert_file = pair.cert, .key_file = pair.key, .client_authority_file = ""};
  }

  // "ok" or the kind of error.
  static std::string Outcome(const HttpClientOptions& options, const StubServer& server) {
    HttpClient client(options);
    const auto answer = client.Get(server.url(), {{"X-Token", "canary"}}, kPlenty);
    EXPECT_EQ(answer.status().ToString().find("canary"), std::string::npos);
    return answer.ok() ? "ok" : std::string(ErrorKindName(KindOf(answer.status())));
  }
};

TEST_F(TlsTest, TrustsOnlyTheConfiguredCa) {
  StubServer server(stub::Answer("{}"), Serve(Files().server));
  EXPECT_EQ(Outcome({.ca_file = Files().authority.cert}, server), "ok");
  EXPECT_EQ(Outcome({.ca_file = Files().other_authority.cert}, server), "tls");
  EXPECT_EQ(Outcome({}, server), "tls");
  EXPECT_EQ(Outcome({.ca_file = Files().folder.Path("missing")}, server), "tls");
  EXPECT_EQ(server.Requests().size(), 1U);
}

TEST_F(TlsTest, HostnameMustMatchCertificate) {
  StubServer server(stub::Answer("{}"), Serve(Files().server_elsewhere));
  EXPECT_EQ(Outcome({.ca_file = Files().authority.cert}, server), "tls");
  EXPECT_TRUE(server.Requests().empty());
}

TEST_F(TlsTest, PresentsTheClientCertificate) {
  StubTls tls = Serve(Files().server);
  tls.client_authority_file = Files().authority.cert;
  StubServer server(stub::Answer("{}"), tls);
  const std::string ca = Files().authority.cert;
  EXPECT_EQ(Outcome({.ca_file = ca,
                     .client_cert_file = Files().client.cert,
                     .client_key_file = Files().client.key},
                    server),
            "ok");
  EXPECT_EQ(Outcome({.ca_file = ca}, server), "tls");
  EXPECT_EQ(Outcome({.ca_file = ca,
                     .client_cert_file = Files().other_authority.cert,
                     .client_key_file = Files().other_authority.key},
                    server),
            "tls");
  EXPECT_EQ(Outcome({.ca_file = ca,
                     .client_cert_file = Files().client.cert,
                     .client_key_file = Files().server.key},
                    server),
            "tls");
}

TEST_F(TlsTest, HandshakeWithPlaintextServerTimesOut) {
  StubServer server(stub::Raw("HTTP/1.1 400 Bad Request\r\n\r\n"));
  HttpClient client({});
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port());
  // The stub waits for a request that never comes: a handshake that hangs.
  EXPECT_EQ(KindOf(client.Get(url, {}, absl::Milliseconds(300)).status()), ErrorKind::kTimeout);
}

TEST_F(TlsTest, ResponseErrorsAreTheSameOverTls) {
  StubServer server(stub::TruncatedBody("{}"), Serve(Files().server));
  const HttpClientOptions options{.ca_file = Files().authority.cert};
  EXPECT_EQ(Outcome(options, server), "truncated");
  server.SetBehaviour(stub::EndlessBody(false));
  EXPECT_EQ(Outcome(options, server), "too_large");
}

TEST_F(TlsTest, RejectsRedirectToPlainHttp) {
  StubServer plain(stub::Answer("{}"));
  StubServer server(stub::Redirect("/", plain.url(), "{}"), Serve(Files().server));
  EXPECT_EQ(Outcome({.ca_file = Files().authority.cert}, server), "http");
  EXPECT_EQ(plain.Connections(), 0);
}

}  // namespace
}  // namespace chatscale
