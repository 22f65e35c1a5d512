#include "exporter/server/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "absl/time/clock.h"
#include "exporter/server/http_server.h"
#include "tests/support/counted.h"
#include "tests/support/password_hashes.h"
#include "tests/support/tcp_client.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace chatscale {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

std::string Basic(const std::string& user_and_password) {
  return "Authorization: " + BasicAuthorization(user_and_password) + "\r\n";
}

class AccessTest : public testing::Test {
 protected:
  void WriteConfig(const std::string& text) { folder_.Write("web.yml", text); }
  void WriteUsers(const char* hash = kHashOfRight) {
    WriteConfig(std::string("basic_auth_users: {ann: ") + hash + "}\n");
  }

  absl::Status Make(bool token = false) {
    if (token) folder_.Write("token", "t0ken\n");
    auto made = Access::Create({.config_file = folder_.Path("web.yml"),
                                .token_file = token ? folder_.Path("token") : "",
                                .reloaded = [this](const absl::Status& status) {
                                  reloads_.emplace_back(status.message());
                                }});
    if (!made.ok()) return made.status();
    access_ = *std::move(made);
    return absl::OkStatus();
  }

  void Start() {
    HttpServerOptions options{
        .host = "127.0.0.1", .port = 0, .authenticator = access_.get(), .self = counted_.self()};
    if (access_->https()) options.tls = [this] { return access_->Tls(); };
    server_ = std::make_unique<HttpServer>(options);
    for (const char* path : {"/-/healthy", "/-/ready", "/metrics", "/other"}) {
      server_->Get(path, [](const WebRequest&) { return TextResponse(200, "secret page\n"); });
    }
    port_ = *server_->Start();
  }

  int Status(const std::string& path, const std::string& headers = "") const {
    return Fetch(port_, path, headers).status;
  }

  TempFolder folder_;
  Counted counted_;
  std::vector<std::string> reloads_;
  std::unique_ptr<Access> access_;
  std::unique_ptr<HttpServer> server_;
  int port_ = 0;
};

TEST_F(AccessTest, OnlyAuthenticatedClientsAreServed) {
  WriteUsers();
  ASSERT_TRUE(Make(true).ok());
  Start();
  EXPECT_TRUE(access_->Authenticates());
  for (const char* path : {"/metrics", "/other"}) {
    EXPECT_EQ(Status(path, Basic("ann:right")), 200) << path;
    EXPECT_EQ(Status(path, Basic("ann:right")), 200) << "remembered";
    EXPECT_EQ(Status(path, "aUTHORIZATION: bearer t0ken\r\n"), 200) << path;
    const HttpReply refused = Fetch(port_, path);
    EXPECT_EQ(refused.status, 401) << path;
    EXPECT_THAT(refused.head, HasSubstr("WWW-Authenticate: Basic realm=\"chatscale\""));
    EXPECT_THAT(refused.head + refused.body, Not(HasSubstr("secret")));
    EXPECT_EQ(Status(path, Basic("ann:wrong")), 401) << path;
    EXPECT_EQ(Status(path, "Authorization: Bearer t0ken2\r\n"), 401) << path;
  }
  EXPECT_EQ(Status("/nothing"), 401) << "nor does anybody learn what there is";
  EXPECT_EQ(Fetch(port_, "/metrics", "", "HEAD").status, 401);
  EXPECT_EQ(Fetch(port_, "/metrics", "", "HEAD").body, "");
  EXPECT_EQ(Fetch(port_, "/metrics", "Content-Length: 0\r\n", "POST").status, 401);
  EXPECT_EQ(counted_.Requests("/other", 401), 3);
}

TEST_F(AccessTest, OnlyExactProbePathsSkipAuthentication) {
  WriteUsers();
  ASSERT_TRUE(Make().ok());
  Start();
  for (const char* open : {"/-/healthy", "/-/ready", "/-/healthy?x=/metrics"}) {
    EXPECT_EQ(Status(open), 200) << open;
  }
  for (const char* closed :
       {"/-/healthy/", "/-/healthy/../../metrics", "/-/healthy%2f", "/-/%68ealthy", "//-/healthy",
        "/metrics?/-/healthy", "/metrics#/-/healthy", "/-/HEALTHY", "http://a/-/healthy",
        "http://a/metrics", "/metrics;/-/healthy", "/./metrics", "/%6detrics"}) {
    EXPECT_EQ(Status(closed), 401) << closed;
  }
}

TEST_F(AccessTest, NoAuthenticationConfiguredAdmitsAll) {
  WriteConfig("http_server_config: {headers: {X-Frame-Options: sameorigin}}");
  ASSERT_TRUE(Make().ok());
  Start();
  EXPECT_FALSE(access_->Authenticates());
  for (const char* path : {"/metrics", "/other"}) {
    const HttpReply reply = Fetch(port_, path);
    EXPECT_EQ(reply.status, 200);
    EXPECT_THAT(reply.head, HasSubstr("X-Frame-Options: sameorigin"));
    EXPECT_THAT(reply.head, Not(HasSubstr("DENY")));
  }
}

// Each wrong password costs a hash: one who guesses must not cost others their answers.
TEST_F(AccessTest, PasswordGuessingDoesNotSlowAuthenticatedClients) {
  WriteUsers(kSlowHashOfRight);
  ASSERT_TRUE(Make().ok());
  Start();
  ASSERT_EQ(Status("/metrics", Basic("ann:right")), 200);
  int tried = 0, refused = 0;
  absl::Duration slowest;
  const absl::Time start = absl::Now();
  for (int i = 0; i < 300; ++i) {
    const int status = Status("/metrics", Basic("ann:wrong" + std::to_string(i)));
    (status == 401 ? tried : refused) += 1;
    EXPECT_TRUE(status == 401 || status == 429) << status;
    if (i % 10 != 0) continue;
    const HttpReply known = Fetch(port_, "/metrics", Basic("ann:right"));
    EXPECT_EQ(known.status, 200);
    slowest = std::max(slowest, known.took);
  }
  const double allowed =
      PasswordRateLimiter::kAtOnce + absl::ToDoubleSeconds(absl::Now() - start) + 1;
  EXPECT_LE(tried, allowed);
  EXPECT_EQ(tried + refused, 300);
  EXPECT_LT(slowest, absl::Seconds(1));
  EXPECT_EQ(Status("/-/healthy"), 200);
}

TEST_F(AccessTest, PasswordChecksAreBoundedAcrossAddresses) {
  WriteUsers(kSlowHashOfRight);
  ASSERT_TRUE(Make().ok());
  int asked = 0;
  std::string last;
  for (int i = 0; i < 100; ++i) {
    last = "10.0.0." + std::to_string(i);
    const std::string header = BasicAuthorization("ann:wrong");
    asked +=
        access_->Check({"/metrics", header, last}) == Authenticator::Verdict::kNeedsVerification
            ? 1
            : 0;
  }
  EXPECT_EQ(asked, 24);
}

// Strangers take no more than their share; an address that was good before still gets in, with
// another user's password for example.
TEST_F(AccessTest, PasswordGuessesDoNotLockOutAuthenticatedClients) {
  WriteUsers();
  ASSERT_TRUE(Make().ok());
  const std::string right = BasicAuthorization("ann:right"), other = BasicAuthorization("bob:x");
  const auto recognise = [&](const std::string& header, const std::string& ip) {
    return access_->Check({"/metrics", header, ip});
  };
  ASSERT_EQ(recognise(right, "10.1.0.1"), Authenticator::Verdict::kNeedsVerification);
  ASSERT_EQ(access_->Verify({"/metrics", right, "10.1.0.1"}), Authenticator::Verdict::kAdmit);
  for (int i = 0; i < 100; ++i) recognise(other, "10.0.0." + std::to_string(i));
  EXPECT_EQ(recognise(other, "10.2.0.1"), Authenticator::Verdict::kTooMany);
  EXPECT_EQ(recognise(other, "10.1.0.1"), Authenticator::Verdict::kNeedsVerification);
  EXPECT_EQ(recognise(right, "10.2.0.1"), Authenticator::Verdict::kAdmit) << "known, wherever from";
}

// Cut off while it is saved: by a full disk, by an editor.
TEST_F(AccessTest, ReloadCannotRemoveAuthentication) {
  const std::string users = std::string("basic_auth_users:\n  ann: ") + kHashOfRight + "\n";
  WriteConfig(users);
  ASSERT_TRUE(Make().ok());
  Start();
  ASSERT_EQ(Status("/metrics", Basic("ann:right")), 200);
  for (std::size_t size = 0; size < users.size(); ++size) {
    WriteConfig(users.substr(0, size));
    const absl::Status cut = access_->Reload();
    // Only the last line end may be missing.
    EXPECT_EQ(cut.ok(), size + 1 == users.size()) << size;
    EXPECT_EQ(Status("/metrics"), 401) << size;
    EXPECT_EQ(Status("/metrics", Basic("ann:right")), 200) << size;
    EXPECT_EQ(access_->current(), cut.ok()) << size;
  }
  WriteConfig("# nobody\n");
  EXPECT_THAT(std::string(access_->Reload().message()),
              HasSubstr("only a restart removes authentication"));
  WriteConfig(users + "http_server_config: {headers: {X-Frame-Options: sameorigin}}\n");
  EXPECT_TRUE(access_->Reload().ok());
  EXPECT_TRUE(access_->current());
  const std::string right = BasicAuthorization("ann:right");
  EXPECT_EQ(access_->Check({"/metrics", right, "10.0.0.1"}), Authenticator::Verdict::kAdmit)
      << "known still";
}

TEST_F(AccessTest, RateLimitAppliesToAllButProbes) {
  WriteConfig("rate_limit: {interval: 1h, burst: 3}");
  ASSERT_TRUE(Make().ok());
  Start();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Status("/metrics"), 200);
  const HttpReply refused = Fetch(port_, "/metrics");
  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.head, HasSubstr("Retry-After: 1"));
  EXPECT_EQ(Status("/-/healthy"), 200);
}

TEST_F(AccessTest, ReloadsChangedFiles) {
  WriteUsers();
  ASSERT_TRUE(Make(true).ok());
  Start();
  folder_.Write("token", "other\n");
  EXPECT_TRUE(access_->Reload().ok());
  EXPECT_EQ(Status("/metrics", "Authorization: Bearer t0ken\r\n"), 401);
  EXPECT_EQ(Status("/metrics", "Authorization: Bearer other\r\n"), 200);
  folder_.Write("token", "oth");
  EXPECT_THAT(std::string(access_->Reload().message()), HasSubstr("the end of the token"));
  EXPECT_EQ(Status("/metrics", "Authorization: Bearer oth\r\n"), 401) << "cut off while saved";
  folder_.Write("token", "other\n");

  WriteConfig("basic_auth_users: {ann: SECRET}");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(access_->Reload().ok());
  ASSERT_EQ(reloads_.size(), 3u) << "each change once";
  EXPECT_THAT(reloads_.back(), HasSubstr("basic_auth_users.ann: a bcrypt hash"));
  EXPECT_FALSE(access_->current());
  EXPECT_EQ(Status("/metrics", Basic("ann:right")), 200) << "the last good one stays";

  WriteConfig("");
  EXPECT_TRUE(access_->Reload().ok());
  EXPECT_EQ(reloads_.back(), "");
  EXPECT_TRUE(access_->current());
  EXPECT_EQ(Status("/metrics", Basic("ann:right")), 401);
  EXPECT_EQ(Status("/metrics", "Authorization: Bearer other\r\n"), 200);
}

class AccessTlsTest : public AccessTest {
 protected:
  std::string Server(const CertificatePair& pair, const std::string& more = "") {
    return "tls_server_config: {cert_file: " + pair.cert + ", key_file: " + pair.key + more + "}\n";
  }
  bool Reaches(const ClientTls& tls) const {
    return Fetch(port_, "/metrics", "", "GET", tls).status == 200;
  }

  const TestCertificates certificates_;
  const std::string ca_ = certificates_.authority.cert;
};

TEST_F(AccessTlsTest, ReloadsCertificatesWhileRunning) {
  WriteConfig(Server(certificates_.server_elsewhere));
  ASSERT_TRUE(Make().ok());
  Start();
  EXPECT_FALSE(Reaches({ca_}));
  WriteConfig(Server(certificates_.server));
  EXPECT_TRUE(access_->Reload().ok());
  EXPECT_TRUE(Reaches({ca_}));
  // Half of a rotation: the new key has not come yet.
  WriteConfig(Server({certificates_.server_elsewhere.cert, certificates_.server.key}));
  EXPECT_THAT(std::string(access_->Reload().message()),
              HasSubstr("tls_server_config: key: key values mismatch"));
  EXPECT_TRUE(Reaches({ca_}));
  WriteConfig("");
  EXPECT_THAT(std::string(access_->Reload().message()),
              HasSubstr("HTTPS cannot be switched off while running"));
  EXPECT_TRUE(Reaches({ca_}));
}

TEST_F(AccessTlsTest, EnforcesClientAuthType) {
  const ClientTls none{ca_};
  const ClientTls good{ca_, certificates_.client.cert, certificates_.client.key};
  const CertificatePair& stranger = certificates_.other_authority;  // signed by itself
  const ClientTls bad{ca_, stranger.cert, stranger.key};
  const std::string authorities = ", client_ca_file: " + ca_;
  struct Row {
    std::string type, more;
    bool none, good, bad, authenticates;
  };
  const Row rows[] = {
      {"NoClientCert", "", true, true, true, false},
      {"RequestClientCert", "", true, true, true, false},
      {"RequireAnyClientCert", "", false, true, true, false},
      {"VerifyClientCertIfGiven", authorities, true, true, false, false},
      {"RequireAndVerifyClientCert", authorities, false, true, false, true},
      {"RequireAndVerifyClientCert", authorities + ", client_allowed_sans: [someone.else]", false,
       false, false, true},
      {"RequireAndVerifyClientCert", authorities + ", client_allowed_sans: [prometheus.example]",
       false, true, false, true}};
  for (const Row& row : rows) {
    WriteConfig(Server(certificates_.server, ", client_auth_type: " + row.type + row.more));
    const absl::Status made = Make();
    ASSERT_TRUE(made.ok()) << made;
    Start();
    EXPECT_EQ(Reaches(none), row.none) << row.type << row.more;
    EXPECT_EQ(Reaches(good), row.good) << row.type << row.more;
    EXPECT_EQ(Reaches(bad), row.bad) << row.type << row.more;
    EXPECT_EQ(access_->Authenticates(), row.authenticates) << row.type << row.more;
    server_.reset();
  }
}

TEST_F(AccessTlsTest, ReloadCannotRemoveAllowedSans) {
  const std::string server = Server(certificates_.server,
                                    ", client_auth_type: RequireAndVerifyClientCert, "
                                    "client_ca_file: " +
                                        ca_);
  const std::string restricted =
      std::string(server).insert(server.rfind('}'), ", client_allowed_sans: [someone.else]");
  WriteConfig(restricted);
  ASSERT_TRUE(Make().ok());
  WriteConfig(server);
  EXPECT_THAT(std::string(access_->Reload().message()), HasSubstr("client_allowed_sans"));
  EXPECT_FALSE(access_->current());
}

TEST_F(AccessTlsTest, HungTlsHandshakesTimeOut) {
  WriteConfig(Server(certificates_.server));
  ASSERT_TRUE(Make().ok());
  HttpServerOptions options{
      .host = "127.0.0.1", .port = 0, .authenticator = access_.get(), .self = counted_.self()};
  options.deadlines.read = milliseconds(500);
  options.tls = [this] { return access_->Tls(); };
  HttpServer server(options);
  server.Get("/metrics", [](const WebRequest&) { return TextResponse(200, "ok\n"); });
  port_ = *server.Start();
  std::vector<TcpClient> half;
  for (int i = 0; i < 200; ++i) {
    half.emplace_back(port_);
    half.back().Send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  }
  const HttpReply reply = Fetch(port_, "/metrics", "", "GET", {ca_});
  EXPECT_EQ(reply.status, 200);
  EXPECT_LT(reply.took, absl::Seconds(1));
  for (TcpClient& client : half) EXPECT_TRUE(client.Closed(absl::Seconds(5)));
  EXPECT_EQ(counted_.Rejected("slow"), 200);

  TcpClient garbage(port_);
  garbage.Send(std::string("\x16\x03\x01\x00\x05hello", 10));
  EXPECT_TRUE(garbage.Closed(absl::Seconds(5)));
  EXPECT_EQ(counted_.Rejected("tls"), 1);
  TcpClient plain(port_);
  plain.Send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(plain.ReadAll(absl::Seconds(5)), HasSubstr("400 this port expects HTTPS"));
}

}  // namespace
}  // namespace chatscale
