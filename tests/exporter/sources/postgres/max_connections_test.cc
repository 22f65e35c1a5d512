// Against a real PostgreSQL: the figure, and that nothing of it can hold us up.
#include "exporter/sources/postgres/max_connections.h"

#include <gtest/gtest.h>

#include <fstream>

#include "absl/time/clock.h"
#include "exporter/model/error_kind.h"
#include "tests/support/free_port.h"
#include "tests/support/postgres_server.h"

namespace chatscale {
namespace {

PostgresAddress AddressOf(const PostgresServer& server) {
  return {.host = "127.0.0.1",
          .port = server.port(),
          .user = PostgresServer::user(),
          .password = PostgresServer::password()};
}

template <typename Condition>
bool Eventually(Condition condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return false;
}

TEST(MaxConnectionsTest, IsAskedForAndKept) {
  const PostgresServer server(37);
  const PostgresMaxConnections postgres(AddressOf(server));
  EXPECT_TRUE(Eventually([&] { return postgres.Current() == 37; })) << postgres.status();
}

TEST(MaxConnectionsTest, AServerThatHangsCostsOnlyTheTimeout) {
  PostgresServer server(20);
  server.Pause();
  const absl::Time start = absl::Now();
  const auto answer = QueryMaxConnections(AddressOf(server), absl::Milliseconds(300), {});
  EXPECT_EQ(KindOf(answer.status()), ErrorKind::kTimeout) << answer.status();
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  server.Resume();
  EXPECT_EQ(QueryMaxConnections(AddressOf(server), absl::Seconds(5), {}).value_or(0), 20);
}

TEST(MaxConnectionsTest, AWrongPasswordIsToldWithoutThePassword) {
  const PostgresServer server(20);
  PostgresAddress address = AddressOf(server);
  address.password = "hunter2";
  const auto answer = QueryMaxConnections(address, absl::Seconds(5), {});
  EXPECT_EQ(KindOf(answer.status()), ErrorKind::kConnect);
  EXPECT_EQ(std::string(answer.status().message()).find("hunter2"), std::string::npos);
}

TEST(MaxConnectionsTest, ThePasswordMayStandInAFile) {
  const PostgresServer server(20);
  PostgresAddress address = AddressOf(server);
  address.password.clear();
  address.password_file = testing::TempDir() + "/postgres_password";
  std::ofstream(address.password_file) << PostgresServer::password() << "\n";
  EXPECT_EQ(QueryMaxConnections(address, absl::Seconds(5), {}).value_or(0), 20);
  address.password_file += ".missing";
  EXPECT_EQ(KindOf(QueryMaxConnections(address, absl::Seconds(5), {}).status()), ErrorKind::kAuth);
}

TEST(MaxConnectionsTest, IsUnknownWhenNobodyAnswersAndWhenTooLongUnconfirmed) {
  const PostgresMaxConnections nobody({.host = "127.0.0.1", .port = FreePort()});
  EXPECT_TRUE(Eventually([&] { return KindOf(nobody.status()) == ErrorKind::kConnect; }));
  EXPECT_EQ(nobody.Current(), std::nullopt);

  PostgresServer server(20);
  const PostgresMaxConnections postgres(AddressOf(server), {.interval = absl::Milliseconds(50),
                                                            .retry = absl::Milliseconds(50),
                                                            .timeout = absl::Milliseconds(200),
                                                            .keep = absl::Milliseconds(500)});
  EXPECT_TRUE(Eventually([&] { return postgres.Current() == 20; }));
  server.Pause();
  EXPECT_TRUE(Eventually([&] { return !postgres.Current(); }));
  server.Resume();
  EXPECT_TRUE(Eventually([&] { return postgres.Current() == 20; }));
}

}  // namespace
}  // namespace chatscale
