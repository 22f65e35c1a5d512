// The listener's locks, on the program as it is run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "tests/e2e/program.h"
#include "tests/support/password_hashes.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace chatscale {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Url(const Chatscale& program) {
  return "https://127.0.0.1:" + std::to_string(program.port());
}

class SecurityE2e : public testing::Test {
 protected:
  std::string WebConfig(const std::string& more = "") const {
    return folder_.Write("web.yml", "tls_server_config: {cert_file: " + certificates_.server.cert +
                                        ", key_file: " + certificates_.server.key + more + "}\n");
  }

  // curl's exit code and what it printed.
  Ran Curl(std::vector<std::string> args) const {
    args.insert(args.begin(),
                {"curl", "-sS", "--max-time", "10", "--cacert", certificates_.authority.cert});
    return RunProgram(std::move(args));
  }

  const TempFolder folder_;
  const TestCertificates certificates_;
};

TEST_F(SecurityE2e, AcceptsOnlyModernTls) {
  Chatscale demo =
      StartChatscale({{"METRICS_MODE", "demo"}, {"METRICS_WEB_CONFIG_FILE", WebConfig()}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  const Ran modern = Curl({"--tlsv1.3", Url(demo) + "/metrics"});
  EXPECT_THAT(modern.out, HasSubstr("chat_exporter_build_info")) << modern.err;
  const Ran middle = Curl({"--tls-max", "1.2", Url(demo) + "/-/healthy"});
  EXPECT_EQ(middle.code, 0) << middle.err;
  const Ran old = Curl({"--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0", Url(demo) + "/"});
  EXPECT_EQ(old.code, 35) << "no handshake";
  // No encryption, a key exchange by RSA, CBC with SHA-1.
  for (const char* weak :
       {"NULL-SHA256", "AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA"}) {
    const std::string ciphers = std::string(weak) + ":@SECLEVEL=0";
    const Ran refused = Curl({"--tls-max", "1.2", "--ciphers", ciphers, Url(demo) + "/-/healthy"});
    EXPECT_EQ(refused.code, 35) << weak;
  }
  // A finite-field share costs the client nothing and the server up to 120 ms (ffdhe8192).
  for (const char* dear : {"ffdhe2048", "ffdhe8192"}) {
    EXPECT_EQ(Curl({"--tlsv1.3", "--curves", dear, Url(demo) + "/-/healthy"}).code, 35) << dear;
  }
  for (const char* curve : {"X25519", "P-256", "P-384", "P-521"}) {
    EXPECT_EQ(Curl({"--tlsv1.3", "--curves", curve, Url(demo) + "/-/healthy"}).code, 0) << curve;
  }
  const Ran client =
      RunProgram({"openssl", "s_client", "-connect", "127.0.0.1:" + std::to_string(demo.port()),
                  "-alpn", "h2", "-CAfile", certificates_.authority.cert});
  EXPECT_THAT(client.out + client.err, HasSubstr("no application protocol"));
  EXPECT_EQ(Curl({"--http2", Url(demo) + "/-/healthy"}).code, 0);
}

TEST_F(SecurityE2e, HealthcheckWorksWithTlsAndClientCertificates) {
  for (const std::string& more :
       {std::string(), ", client_auth_type: RequireAndVerifyClientCert, client_ca_file: " +
                           certificates_.authority.cert}) {
    const Variables variables = {{"METRICS_MODE", "demo"},
                                 {"METRICS_WEB_CONFIG_FILE", WebConfig(more)}};
    Chatscale demo = StartChatscale(variables);
    ASSERT_TRUE(demo.listening()) << demo.process().Err();
    const std::string address = "127.0.0.1:" + std::to_string(demo.port());
    const auto check = [&] {
      return RunChatscale({"healthcheck", "--web.listen-address", address}, variables);
    };
    EXPECT_EQ(check().code, 0) << more << check().err;
    demo.process().Signal(SIGTERM);
    EXPECT_EQ(demo.process().Wait(absl::Seconds(10)), 0);
    EXPECT_EQ(check().code, 1) << more;
  }
}

TEST_F(SecurityE2e, AllPathsExceptHealthNeedAuthentication) {
  folder_.Write("token", "t0ken");
  const Variables variables = {
      {"METRICS_MODE", "demo"},
      {"METRICS_WEB_CONFIG_FILE",
       folder_.Write("web.yml", std::string("basic_auth_users: {ann: ") + kHashOfRight + "}")},
      {"METRICS_WEB_BEARER_TOKEN_FILE", folder_.Path("token")}};
  Chatscale demo = StartChatscale(variables);
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  const std::string url = "http://127.0.0.1:" + std::to_string(demo.port());
  const auto status = [&](std::vector<std::string> args, const std::string& path) {
    args.insert(args.end(), {"-o", "/dev/null", "-w", "%{http_code}", url + path});
    return Curl(args).out;
  };
  for (const char* path :
       {"/", "/metrics", "/metrics/combined", "/api/v1/page", "/api/v1/recommendations/proc",
        "/rules/alerts", "/page.js", "/probe", "/sd", "/nothing", "/metrics/export", "/-/reload"}) {
    EXPECT_EQ(status({}, path), "401") << path;
  }
  EXPECT_EQ(status({}, "/-/healthy"), "200");
  EXPECT_EQ(status({"-u", "ann:right"}, "/metrics"), "200");
  EXPECT_EQ(status({"-u", "ann:wrong"}, "/metrics"), "401");
  EXPECT_EQ(status({"-H", "Authorization: Bearer t0ken"}, "/metrics"), "200");
  EXPECT_EQ(status({"-u", "ann:right", "-X", "POST"}, "/-/reload"), "200");
  EXPECT_EQ(status({"-u", "ann:right"}, "/-/reload"), "405") << "a GET changes nothing";

  folder_.Write("web.yml", "basic_auth_users: {ann: hunter2}");
  const std::string bad = "chat_exporter_config_last_reload_successful 0\n";
  EXPECT_THAT(demo.AwaitMetric(bad), HasSubstr(bad));
  EXPECT_TRUE(demo.process().WaitFor("the last good ones stay"));
  EXPECT_THAT(demo.process().Err(), Not(HasSubstr("hunter2")));
  EXPECT_EQ(status({"-u", "ann:right"}, "/metrics"), "200") << "the last good one is in effect";
}

TEST_F(SecurityE2e, InvalidWebConfigStopsStartup) {
  struct Row {
    const char* config;
    Variables more;
    std::string says;
  };
  const Row rows[] = {
      {"basic_auth_users: {ann: hunter2}", {}, "web.yml:1: basic_auth_users.ann: a bcrypt hash"},
      {"tls_server_config: {cert_file: web.yml, key_file: web.yml}",
       {},
       "web.yml: tls_server_config: certificate: "},
      {"", {{"METRICS_WEB_BEARER_TOKEN_FILE", "/nothing"}}, "/nothing: No such file"}};
  for (const Row& row : rows) {
    Variables variables = row.more;
    variables.emplace_back("METRICS_MODE", "demo");
    variables.emplace_back("METRICS_WEB_CONFIG_FILE", folder_.Write("web.yml", row.config));
    for (const char* command : {"serve", "check"}) {
      const Ran ran = RunChatscale({command, "--web.listen-address", "127.0.0.1:0"}, variables);
      EXPECT_EQ(ran.code, 2) << command << row.config;
      EXPECT_THAT(ran.err, HasSubstr(row.says)) << command;
      EXPECT_THAT(ran.err, Not(HasSubstr("hunter2")));
    }
  }
}

// Each secret that there is, while everything that it is for fails.
TEST_F(SecurityE2e, SecretsAppearInNoOutput) {
  const std::string canary = "CANARY7f3a";
  const Variables secrets = {
      {"REDIS_URL", "redis://reader:" + canary + "r@127.0.0.1:1/0"},
      {"METRICS_INGRESS_BASE_URL", "http://127.0.0.1:1"},
      {"METRICS_AUTH_HEADER_NAME", "X-Key"},
      {"METRICS_AUTH_HEADER_VALUE", canary + "h"},
      {"METRICS_HEADERS_JSON", R"({"X-Other": ")" + canary + R"(o"})"},
      {"POSTGRES_PASSWORD", canary + "p"},
      {"METRICS_PROM_PUSHGATEWAY_URL", "http://pusher:" + canary + "g@127.0.0.1:1"},
      {"METRICS_OTLP_ENDPOINT", "http://127.0.0.1:1"},
      {"METRICS_OTLP_HEADERS_JSON", R"({"Authorization": "Bearer )" + canary + R"(t"})"},
      {"AWS_ENDPOINT_URL", "http://127.0.0.1:1"},
      {"AWS_REGION", "eu-west-1"},
      {"AWS_ACCESS_KEY_ID", canary + "k"},
      {"AWS_SECRET_ACCESS_KEY", canary + "s"},
      {"AWS_SESSION_TOKEN", canary + "n"},
      {"METRICS_WEB_CONFIG_FILE", WebConfig()},
      {"METRICS_WEB_BEARER_TOKEN_FILE", folder_.Write("token", canary + "b")},
      {"METRICS_ENABLE_PG_POOL", "1"},
      {"POSTGRES_HOST", "127.0.0.1"},
      {"POSTGRES_PORT", "1"},
      {"METRICS_EXPORT_PROMETHEUS_PUSH", "1"},
      {"METRICS_EXPORT_OTLP", "1"},
      {"METRICS_EXPORT_CLOUDWATCH", "1"},
      {"METRICS_SCHEDULER_ENABLED", "1"},
      {"METRICS_EXPORT_INTERVAL_SEC", "1"},
      {"METRICS_LOG_LEVEL", "debug"},
      {"TENANT_ID", "t"},
      {"PROJECT_ID", "p"}};
  for (const char* mode : {"redis", "proxy"}) {
    Variables variables = secrets;
    variables.emplace_back("METRICS_MODE", mode);
    const Ran check = RunChatscale({"check"}, variables);
    EXPECT_EQ(check.code, 0) << check.err;
    Chatscale program = StartChatscale(variables);
    ASSERT_TRUE(program.listening()) << program.process().Err();
    ASSERT_TRUE(program.process().WaitFor("source down"));
    std::string shown = check.out + check.err;
    for (const std::string path :
         {"/", "/metrics", "/api/v1/page", "/api/v1/history", "/api/v1/recommendations",
          "/api/v1/decisions", "/metrics/combined", "/metrics/export", "/metrics/ingress/system",
          "/-/ready", "/health", "/probe", "/sd", "/rules/alerts", "/nothing"}) {
      const Ran known =
          Curl({"-i", "-H", "Authorization: Bearer " + canary + "b", Url(program) + path});
      EXPECT_EQ(known.code, 0) << known.err;
      shown += known.out + Curl({"-i", "-u", "ann:" + canary, Url(program) + path}).out;
    }
    program.process().Signal(SIGABRT);  // what is said in the end
    program.process().Wait(absl::Seconds(10));
    shown += program.process().Out() + program.process().Err();
    EXPECT_THAT(shown, HasSubstr("sink fails"));
    const auto at = shown.find(canary);
    EXPECT_EQ(at, std::string::npos)
        << mode << ": " << shown.substr(std::max<std::size_t>(at, 200) - 200, 300);
  }
}

TEST_F(SecurityE2e, ExportNeedsAuthentication) {
  Chatscale demo = StartChatscale(
      {{"METRICS_MODE", "demo"}, {"METRICS_TEXTFILE_PATH", folder_.Path("chatscale.prom")}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  EXPECT_EQ(demo.Ask("/metrics/export").status, 403);
  EXPECT_EQ(demo.Ask("/metrics/export", "POST").status, 403);
  EXPECT_EQ(demo.Ask("/-/reload", "POST").status, 403);
}

TEST_F(SecurityE2e, WarnsOfWorldReadableSecrets) {
  const std::string token = folder_.Write("token", "t0ken");
  for (const char* mode : {"644", "600"}) {
    ASSERT_EQ(RunProgram({"chmod", mode, token}).code, 0);
    Chatscale demo =
        StartChatscale({{"METRICS_MODE", "demo"}, {"METRICS_WEB_BEARER_TOKEN_FILE", token}});
    ASSERT_TRUE(demo.listening()) << demo.process().Err();
    const bool told = demo.process().Err().find("everybody on this host") != std::string::npos;
    EXPECT_EQ(told, mode == std::string("644"));
  }
}

}  // namespace
}  // namespace chatscale
