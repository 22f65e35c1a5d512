// A connection to a server that misbehaves on the wire: one deadline over everything, bounded
// memory, and never an answer that belongs to something else.
#include "exporter/redis/wire/connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "absl/time/clock.h"

namespace chatscale::redis {
namespace {

// Accepts connections one by one and lets `answer` do what it likes with each.
class FakeRedis {
 public:
  explicit FakeRedis(std::function<void(int fd)> answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), length);
    listen(listener_, 8);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      while (true) {
        const int fd = accept(listener_, nullptr, nullptr);
        if (fd < 0) return;
        answer_(fd);
        close(fd);
      }
    });
  }
  ~FakeRedis() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  ConnectionOptions Options() const {
    ConnectionOptions options;
    options.address.host = "127.0.0.1";
    options.address.port = port_;
    return options;
  }

 private:
  std::function<void(int)> answer_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

bool Say(int fd, std::string_view text) {
  return send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

// Waits for one command; false when the client is gone.
bool Hear(int fd) {
  char buffer[4096];
  return recv(fd, buffer, sizeof(buffer), 0) > 0;
}

// After the SELECT of the handshake, says `text` to the next command and waits for the end.
std::function<void(int)> Answering(const std::string& text) {
  return [text](int fd) {
    if (!Hear(fd) || !Say(fd, "+OK\r\n") || !Hear(fd)) return;
    Say(fd, text);
    Hear(fd);
  };
}

absl::StatusOr<std::vector<Reply>> RunGet(Connection& connection, int timeout_ms = 2000) {
  Pipeline pipeline;
  pipeline.Add({"GET", "key"});
  return connection.Run(pipeline,
                        std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms));
}

TEST(RedisConnectionTest, SlowReplyTimesOutAtDeadline) {
  FakeRedis server([](int fd) {
    if (!Hear(fd) || !Say(fd, "+OK\r\n") || !Hear(fd)) return;
    Say(fd, "$1000\r\n");
    for (int i = 0; i < 1000 && Say(fd, "x"); ++i) absl::SleepFor(absl::Milliseconds(20));
  });
  Connection connection(server.Options());
  const absl::Time start = absl::Now();
  EXPECT_EQ(KindOf(RunGet(connection, 300).status()), ErrorKind::kTimeout);
  EXPECT_LT(absl::Now() - start, absl::Seconds(1));
}

TEST(RedisConnectionTest, ProtocolFaultsMapToErrorKinds) {
  const std::pair<const char*, ErrorKind> kAnswers[] = {
      {"hello?\r\n", ErrorKind::kProtocol},          {"$abc\r\n", ErrorKind::kProtocol},
      {"*99999999\r\n", ErrorKind::kTooLarge},       {"+one\r\n+two\r\n", ErrorKind::kProtocol},
      {"HTTP/1.1 400 No\r\n", ErrorKind::kProtocol},
  };
  for (const auto& [answer, kind] : kAnswers) {
    FakeRedis server(Answering(answer));
    Connection connection(server.Options());
    EXPECT_EQ(KindOf(RunGet(connection).status()), kind) << answer;
  }
  FakeRedis closing([](int fd) {
    if (Hear(fd) && Say(fd, "+OK\r\n") && Hear(fd)) Say(fd, "$10\r\nabc");
  });
  Connection connection(closing.Options());
  EXPECT_EQ(KindOf(RunGet(connection).status()), ErrorKind::kConnect);
}

TEST(RedisConnectionTest, SkipsOversizedStringAndReadsNextReply) {
  constexpr std::size_t kBytes = 64u << 20;
  FakeRedis server([](int fd) {
    if (!Hear(fd) || !Say(fd, "+OK\r\n") || !Hear(fd)) return;
    Say(fd, "$" + std::to_string(kBytes) + "\r\n");
    const std::string chunk(1 << 20, 'x');
    for (std::size_t sent = 0; sent < kBytes; sent += chunk.size()) Say(fd, chunk);
    Say(fd, "\r\n:7\r\n");
    Hear(fd);
  });
  Connection connection(server.Options());
  Pipeline pipeline;
  pipeline.Add({"GET", "huge"});
  pipeline.Add({"LLEN", "list"});
  const auto replies =
      connection.Run(pipeline, std::chrono::steady_clock::now() + std::chrono::seconds(10));
  ASSERT_TRUE(replies.ok()) << replies.status();
  EXPECT_TRUE((*replies)[0].view().IsError());
  EXPECT_EQ((*replies)[0].view().Text(), "TOOLARGE 67108864");
  EXPECT_EQ((*replies)[1].view().Integer(), 7);
}

TEST(RedisConnectionTest, RejectsRepliesAboveBatchLimit) {
  FakeRedis server(Answering("$300\r\n" + std::string(300, 'x') + "\r\n"));
  ConnectionOptions options = server.Options();
  options.max_batch_bytes = 200;
  Connection connection(options);
  EXPECT_EQ(KindOf(RunGet(connection).status()), ErrorKind::kTooLarge);
}

TEST(RedisConnectionTest, BacksOffAfterFailedConnect) {
  ConnectionOptions options;
  options.address.host = "127.0.0.1";
  options.address.port = 1;
  options.backoff_first = std::chrono::milliseconds(200);
  Connection connection(options);
  EXPECT_EQ(KindOf(RunGet(connection).status()), ErrorKind::kConnect);
  const absl::Time start = absl::Now();
  EXPECT_EQ(KindOf(RunGet(connection).status()), ErrorKind::kConnect);
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(100));
  EXPECT_EQ(connection.traffic().connects, 0u);
}

TEST(RedisConnectionTest, ReconnectsAtOnceAfterIdleClose) {
  int accepted = 0;
  FakeRedis server([&accepted](int fd) {
    ++accepted;
    if (Hear(fd) && Say(fd, "+OK\r\n") && Hear(fd)) Say(fd, ":1\r\n");  // one command each
  });
  Connection connection(server.Options());
  for (int i = 0; i < 3; ++i) {
    const auto replies = RunGet(connection);
    ASSERT_TRUE(replies.ok()) << replies.status();
    EXPECT_EQ((*replies)[0].view().Integer(), 1);
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_EQ(connection.traffic().connects, 3u);
}

TEST(RedisConnectionTest, RedactsPasswordInServerErrors) {
  FakeRedis server([](int fd) {
    if (!Hear(fd) || !Say(fd, "+OK\r\n+OK\r\n") || !Hear(fd)) return;
    Say(fd, "-ERR you said hunter2, hunter2\r\n");
    Hear(fd);
  });
  ConnectionOptions options = server.Options();
  options.address.password = "hunter2";
  Connection connection(options);
  const auto replies = RunGet(connection);
  ASSERT_TRUE(replies.ok()) << replies.status();
  EXPECT_EQ(*replies->at(0).view().Text(), "ERR you said *******, *******");
}

}  // namespace
}  // namespace chatscale::redis
