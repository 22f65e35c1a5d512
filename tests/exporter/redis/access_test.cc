// What we ask of Redis: which commands, under which rights, how many and how large.
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_split.h"
#include "tests/exporter/redis/redis_scenario.h"
#include "tests/support/free_port.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace chatscale {
namespace {

// The rule of docs/redis-mode.md: what follows ">PASSWORD".
std::vector<std::string> AclRule() {
  const std::string page = ReadFile(CHATSCALE_ROOT "/docs/redis-mode.md");
  const std::string start = "ACL SETUSER chatscale on >PASSWORD ";
  const std::size_t from = page.find(start);
  EXPECT_NE(from, page.npos);
  const std::size_t begin = from + start.size();
  return absl::StrSplit(page.substr(begin, page.find('\n', begin) - begin), ' ');
}

// The same without its key and channel parts.
std::set<std::string> AllowedCommands() {
  std::set<std::string> allowed = {"auth"};  // always is
  for (const std::string& word : AclRule()) {
    if (word[0] == '+') allowed.emplace(word.substr(1));
  }
  return allowed;
}

std::string CommandIn(const std::string& monitor_line) {
  const std::size_t open = monitor_line.find("] \"") + 3;
  std::string command = monitor_line.substr(open, monitor_line.find('"', open) - open);
  for (char& c : command) c = static_cast<char>(std::tolower(c));
  return command;
}

void AddReadOnlyUser(RedisServer& server) {
  std::vector<std::string> command = {"ACL", "SETUSER", "chatscale", "on", ">s3cret@:/"};
  for (const std::string& word : AclRule()) command.push_back(word);
  EXPECT_EQ(server.Run(command), "OK");
}

std::unique_ptr<RedisSource> SourceAs(const std::string& user_info, const RedisScenario& scenario,
                                      const RedisServer& server) {
  RedisSourceOptions options = scenario.options;
  options.url = "redis://" + user_info + "127.0.0.1:" + std::to_string(server.port()) + "/0";
  return *RedisSource::Create(std::move(options));
}

TEST(RedisAccessTest, DocumentedAclSuffices) {
  const RedisScenario scenario("hostile");
  RedisServer server;
  server.Load(scenario.resp);
  AddReadOnlyUser(server);
  auto source = SourceAs("chatscale:s3cret%40%3A%2F@", scenario, server);
  const std::set<std::string> allowed = AllowedCommands();
  const auto lines = server.CommandsDuring([&] {
    for (int cycle = 0; cycle < 3; ++cycle) {
      const auto samples =
          source->Collect(scenario.now + absl::Seconds(15 * cycle), absl::Seconds(5));
      EXPECT_TRUE(samples[0].parts[0].snapshot.ok()) << samples[0].parts[0].snapshot.status();
    }
  });
  EXPECT_GT(lines.size(), 100u);
  for (const std::string& line : lines) {
    EXPECT_TRUE(allowed.count(CommandIn(line)) != 0) << line;
  }
}

TEST(RedisAccessTest, NeverWritesToRedis) {
  const RedisScenario scenario("steady");
  RedisServer server;
  server.Load(scenario.resp);
  const std::string before = server.Run({"DEBUG", "DIGEST"});
  auto source = NewSource(scenario, server);
  for (int cycle = 0; cycle < 3; ++cycle) {
    source->Collect(scenario.now + absl::Seconds(cycle), absl::Seconds(5));
  }
  EXPECT_EQ(server.Run({"DEBUG", "DIGEST"}), before);
}

TEST(RedisAccessTest, MissingAclCommandIsPermissionError) {
  const RedisScenario scenario("steady");
  RedisServer server;
  server.Load(scenario.resp);
  AddReadOnlyUser(server);
  server.Run({"ACL", "SETUSER", "chatscale", "-llen"});
  auto source = SourceAs("chatscale:s3cret%40%3A%2F@", scenario, server);
  const auto samples = source->Collect(scenario.now, absl::Seconds(5));
  EXPECT_EQ(KindOf(samples[0].parts[0].snapshot.status()), ErrorKind::kPermission);
  server.Run({"ACL", "SETUSER", "chatscale", "+llen"});
  EXPECT_TRUE(source->Collect(scenario.now, absl::Seconds(5))[0].parts[0].snapshot.ok());
}

TEST(RedisAccessTest, WrongPasswordErrorOmitsThePassword) {
  const RedisScenario scenario("steady");
  RedisServer server;
  server.Run({"CONFIG", "SET", "requirepass", "right"});
  for (const char* user_info : {"", ":hunter2@", "default:hunter2@"}) {
    const auto samples =
        SourceAs(user_info, scenario, server)->Collect(scenario.now, absl::Seconds(5));
    const absl::Status status = samples[0].parts[0].snapshot.status();
    EXPECT_EQ(KindOf(status), ErrorKind::kAuth) << status;
    EXPECT_EQ(std::string(status.message()).find("hunter2"), std::string::npos) << status;
  }
  EXPECT_TRUE(SourceAs(":right@", scenario, server)
                  ->Collect(scenario.now, absl::Seconds(5))[0]
                  .parts[0]
                  .snapshot.ok());
}

TEST(RedisAccessTest, TlsVerifiesServerCertificateAndName) {
  const RedisScenario scenario("steady");
  const TestCertificates certificates;
  const int tls_port = FreePort();
  for (const bool genuine : {true, false}) {
    const CertificatePair& own = genuine ? certificates.server : certificates.server_elsewhere;
    RedisServer server({"--tls-port", std::to_string(tls_port), "--tls-cert-file", own.cert,
                        "--tls-key-file", own.key, "--tls-ca-cert-file",
                        certificates.authority.cert, "--tls-auth-clients", "no"});
    server.Load(scenario.resp);
    for (const CertificatePair* trusted :
         {&certificates.authority, &certificates.other_authority}) {
      RedisSourceOptions options = scenario.options;
      options.url = "rediss://127.0.0.1:" + std::to_string(tls_port);
      options.connection.ca_file = trusted->cert;
      auto source = *RedisSource::Create(std::move(options));
      for (int cycle = 0; cycle < 3; ++cycle) {
        const auto samples = source->Collect(scenario.now + absl::Seconds(cycle), absl::Seconds(5));
        const auto& snapshot = samples[0].parts[0].snapshot;
        if (genuine && trusted == &certificates.authority) {
          ASSERT_TRUE(snapshot.ok()) << snapshot.status();
          EXPECT_EQ(snapshot->queue.total, 17);
        } else {
          EXPECT_EQ(KindOf(snapshot.status()), ErrorKind::kTls) << snapshot.status();
        }
      }
    }
  }
}

struct Cost {
  const char* scenario;
  std::uint64_t commands;
  std::uint64_t max_sent_bytes;
  std::uint64_t max_received_bytes;
};

class RedisCostTest : public testing::TestWithParam<Cost> {};

// Once the history is read in. Upstream: 236 commands and 367 kB for `steady`, all of it every
// time.
TEST_P(RedisCostTest, SteadyCycleReadsOnlyNewDataInTwoRoundTrips) {
  const RedisScenario scenario(GetParam().scenario);
  RedisServer server;
  server.Load(scenario.resp);
  auto source = NewSource(scenario, server);
  source->Collect(scenario.now, absl::Seconds(5));
  source->Collect(scenario.now + absl::Seconds(15), absl::Seconds(5));
  const redis::Traffic before = source->traffic();
  source->Collect(scenario.now + absl::Seconds(30), absl::Seconds(5));
  const redis::Traffic after = source->traffic();
  EXPECT_EQ(after.round_trips - before.round_trips, 2u);
  EXPECT_EQ(after.commands - before.commands, GetParam().commands);
  EXPECT_LE(after.bytes_sent - before.bytes_sent, GetParam().max_sent_bytes);
  EXPECT_LE(after.bytes_received - before.bytes_received, GetParam().max_received_bytes);
  EXPECT_EQ(after.connects, 1u);
}

INSTANTIATE_TEST_SUITE_P(Recorded, RedisCostTest,
                         testing::Values(Cost{"steady", 59, 6'200, 12'000},
                                         Cost{"cold", 45, 5'400, 1'000},
                                         Cost{"large_small", 94, 8'800, 40'000}),
                         [](const auto& cost) { return std::string(cost.param.scenario); });

}  // namespace
}  // namespace chatscale
