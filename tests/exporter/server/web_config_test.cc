#include "exporter/server/web_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/password_hashes.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

TEST(WebConfig, ReadsExporterToolkitConfig) {
  const TempFolder folder;
  folder.Write("cert.pem", "a certificate");
  folder.Write("key.pem", "a key");
  folder.Write("ca.pem", "authorities");
  folder.Write("web.yml", std::string(R"(
tls_server_config:
  cert_file: cert.pem
  key_file: key.pem
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.pem
  client_allowed_sans: [prometheus.example, 10.0.0.7]
  min_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
  curve_preferences: [CurveP256, X25519]
  prefer_server_cipher_suites: false
http_server_config:
  http2: true
  headers:
    Strict-Transport-Security: max-age=31536000
    X-Frame-Options: sameorigin
basic_auth_users:
  ann: )") + kHashOfRight + "\nrate_limit: {interval: 100ms, burst: 20}\n");
  const auto config = LoadWebConfig(folder.Path("web.yml"));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(*config->tls, (TlsServerOptions{
                              .certificates = "a certificate",
                              .key = "a key",
                              .client_certificates = ClientCertificates::kRequireAndVerify,
                              .client_authorities = "authorities",
                              .client_allowed_sans = {"prometheus.example", "10.0.0.7"},
                              .only_tls13 = true,
                              .cipher_suites = {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
                              .groups = {"P-256", "X25519"},
                              .prefer_own_ciphers = false,
                          }));
  EXPECT_THAT(config->users, ElementsAre(Pair("ann", kHashOfRight)));
  EXPECT_THAT(config->headers, ElementsAre(Pair("Strict-Transport-Security", "max-age=31536000"),
                                           Pair("X-Frame-Options", "sameorigin")));
  EXPECT_EQ(config->rate_limit, (RateLimit{absl::Milliseconds(100), 20}));
}

TEST(WebConfig, EmptyConfigIsTheDefault) {
  for (const char* text : {"", "# nothing", "tls_server_config:", "tls_server_config: {}",
                           "basic_auth_users:", "http_server_config: {headers: }",
                           "rate_limit: {interval: 0, burst: 3}"}) {
    const auto config = ParseWebConfig(text, "web.yml");
    ASSERT_TRUE(config.ok()) << text << ": " << config.status();
    EXPECT_EQ(*config, WebConfig{}) << text;
  }
}

struct Fault {
  const char* text;
  const char* says;
};

class WebConfigFault : public testing::TestWithParam<Fault> {};

TEST_P(WebConfigFault, ErrorNamesTheKeyWithoutSecrets) {
  const auto config = ParseWebConfig(GetParam().text, "web.yml");
  EXPECT_THAT(std::string(config.status().message()), HasSubstr(GetParam().says));
  EXPECT_THAT(std::string(config.status().message()), Not(HasSubstr("SECRET")));
}

INSTANTIATE_TEST_SUITE_P(
    All, WebConfigFault,
    testing::Values(
        Fault{"- a", "web.yml:1: : a group of keys is expected"}, Fault{"a: [", "web.yml:1: "},
        Fault{"? [a]\n: b", "a key must be plain text"},
        Fault{"\ntls_config: {}", "web.yml:2: tls_config: unknown key"},
        Fault{"basic_auth_users: {}\nbasic_auth_users: {}", ":2: basic_auth_users: set twice"},
        Fault{"tls_server_config: {certfile: a}", "tls_server_config.certfile: unknown key"},
        Fault{"tls_server_config: {cert_file: /nothing}", "cert_file: cannot read /nothing: "},
        Fault{"tls_server_config: {key: SECRET}", "tls_server_config: cert_file is required"},
        Fault{"tls_server_config: {cert: c}", "tls_server_config: key_file is required"},
        Fault{"tls_server_config: {cert: c, key: SECRET, min_version: TLS11}",
              "min_version: \"TLS11\" is none of TLS12, TLS13"},
        Fault{"tls_server_config: {cert: c, key: SECRET, min_version: TLS13, max_version: TLS12}",
              "min_version is above max_version"},
        Fault{"tls_server_config: {cert: c, key: SECRET, client_auth_type: Always}",
              "\"Always\" is none of NoClientCert, RequestClientCert"},
        Fault{
            "tls_server_config: {cert: c, key: SECRET, client_auth_type: VerifyClientCertIfGiven}",
            "client_ca_file is required where clients are verified"},
        Fault{"tls_server_config: {cert: c, key: SECRET, client_ca: a}",
              "need a client_auth_type that verifies"},
        Fault{"tls_server_config: {cert: c, key: SECRET, curve_preferences: [P1]}",
              "curve_preferences: \"P1\" is none of CurveP256"},
        Fault{"tls_server_config: {cert: c, key: SECRET, client_allowed_sans: }",
              "client_allowed_sans: a name is expected"},
        Fault{"tls_server_config: {cert: [c]}", "tls_server_config.cert: a single value"},
        Fault{"tls_server_config: {cert: c, key: SECRET, prefer_server_cipher_suites: maybe}",
              "true or false is expected"},
        Fault{"basic_auth_users: {ann: SECRET}",
              "basic_auth_users.ann: a bcrypt hash of cost 4 to 15 is expected"},
        Fault{"basic_auth_users: [ann]", "basic_auth_users: a group of keys is expected"},
        Fault{"http_server_config: {headers: {Server: x}}", "headers.Server: unknown key"},
        Fault{"http_server_config: {headers: {X-Frame-Options: ALLOW}}",
              "\"ALLOW\" is none of deny, sameorigin"},
        Fault{"http_server_config: {headers: {X-XSS-Protection: \"a\\r\\nb: c\"}}",
              "printable text in one line"},
        Fault{"rate_limit: {interval: soon}", "rate_limit.interval: a duration of 0 to 1h"},
        Fault{"rate_limit: {interval: 1s, burst: -1}", "rate_limit.burst: 0 to 1000000"}));

}  // namespace
}  // namespace chatscale
