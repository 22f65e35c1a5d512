// Against a real PostgreSQL: the figure, and that nothing of it can hold us up.
#include "exporter/sources/max_connections.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "absl/time/clock.h"
#include "exporter/model/error_kind.h"
#include "tests/support/free_port.h"
#include "tests/support/postgres_server.h"

namespace chatscale {
namespace {

PostgresOptions AddressOf(const PostgresServer& server) {
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

TEST(MaxConnectionsTest, IsReadFromPostgres) {
  const PostgresServer server(37);
  const PostgresMaxConnections postgres(AddressOf(server));
  EXPECT_TRUE(Eventually([&] { return postgres.Current() == 37; })) << postgres.status();
}

TEST(MaxConnectionsTest, HungServerTimesOut) {
  PostgresServer server(20);
  server.Pause();
  const absl::Time start = absl::Now();
  const auto answer = QueryMaxConnections(AddressOf(server), absl::Milliseconds(300), {});
  EXPECT_EQ(KindOf(answer.status()), ErrorKind::kTimeout) << answer.status();
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  server.Resume();
  EXPECT_EQ(QueryMaxConnections(AddressOf(server), absl::Seconds(5), {}).value_or(0), 20);
}

TEST(MaxConnectionsTest, WrongPasswordErrorOmitsThePassword) {
  const PostgresServer server(20);
  PostgresOptions address = AddressOf(server);
  address.password = "hunter2";
  const auto answer = QueryMaxConnections(address, absl::Seconds(5), {});
  EXPECT_EQ(KindOf(answer.status()), ErrorKind::kConnect);
  EXPECT_EQ(std::string(answer.status().message()).find("hunter2"), std::string::npos);
}

TEST(MaxConnectionsTest, ReadsPasswordFromFile) {
  const PostgresServer server(20);
  PostgresOptions address = AddressOf(server);
  address.password.clear();
  address.password_file = testing::TempDir() + "/postgres_password";
  std::ofstream(address.password_file) << PostgresServer::password() << "\n";
  EXPECT_EQ(QueryMaxConnections(address, absl::Seconds(5), {}).value_or(0), 20);
  address.password_file += ".missing";
  EXPECT_EQ(KindOf(QueryMaxConnections(address, absl::Seconds(5), {}).status()), ErrorKind::kAuth);
}

TEST(MaxConnectionsTest, IsUnknownWhenUnreachableOrStale) {
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

// Speaks just enough of the protocol: asks for the password in clear, then says `answer`, an error
// once, all else without end.
class HostilePostgres {
 public:
  explicit HostilePostgres(std::string answer) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), length);
    ::listen(listener_, 1);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    address_.host = "127.0.0.1";
    address_.port = ntohs(address.sin_port);
    address_.user = "u";
    address_.password = "hunter2hunter2";
    thread_ = std::thread([this, answer = std::move(answer)] { Serve(answer); });
  }
  ~HostilePostgres() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  const PostgresOptions& address() const { return address_; }

 private:
  static bool Say(int fd, std::string_view bytes) {
    return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  static bool Hear(int fd) {
    char heard[1024];
    return ::recv(fd, heard, sizeof heard, 0) > 0;
  }
  void Serve(const std::string& answer) const {
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    using namespace std::string_view_literals;
    if (Hear(fd) && Say(fd, "N") && Hear(fd) && Say(fd, "R\0\0\0\x08\0\0\0\x03"sv) && Hear(fd)) {
      if (answer.starts_with('E')) {
        Say(fd, answer);
      } else if (Say(fd, "R\0\0\0\x08\0\0\0\0"sv)) {
        while (Say(fd, answer)) {
        }
      }
    }
    ::close(fd);
  }

  int listener_ = -1;
  PostgresOptions address_;
  std::thread thread_;
};

TEST(MaxConnectionsTest, ServerMessagesAreBoundedAndRedacted) {
  using namespace std::string_literals;
  const std::string notice = "N\0\0\x03\xF4"s + "M" + std::string(1005, 'x') + "\0\0"s;
  const HostilePostgres endless(notice);
  const auto flooded = QueryMaxConnections(endless.address(), absl::Seconds(20), {});
  EXPECT_EQ(KindOf(flooded.status()), ErrorKind::kTooLarge) << flooded.status();
  const HostilePostgres echo("E\0\0\0\x22SFATAL\0C28P01\0Mhunter2hunter2\0\0"s);
  const auto refused = QueryMaxConnections(echo.address(), absl::Seconds(20), {});
  EXPECT_EQ(KindOf(refused.status()), ErrorKind::kConnect) << refused.status();
  EXPECT_EQ(std::string(refused.status().message()).find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace chatscale
