#include "exporter/net/socket.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>

#include "exporter/model/error_kind.h"
#include "tests/support/free_port.h"
#include "tests/support/stub_behaviours.h"
#include "tests/support/stub_server.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

using std::chrono::milliseconds;

Socket::Deadline In(milliseconds time) { return std::chrono::steady_clock::now() + time; }

struct Pair {
  Socket ours, theirs;
};

Pair Connected() {
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds.data()), 0);
  return {Socket(fds[0]), Socket(fds[1])};
}

TEST(Socket, SendsAndReceivesWithoutBlocking) {
  Pair pair = Connected();
  std::array<char, 16> buffer{};
  std::size_t moved = 99;
  EXPECT_EQ(pair.ours.Receive(buffer, moved), Socket::Io::kLater);
  EXPECT_EQ(moved, 0U);
  EXPECT_EQ(pair.theirs.Send("ab", "cd", moved), Socket::Io::kSome);
  EXPECT_EQ(moved, 4U);
  EXPECT_EQ(*pair.ours.Await(POLLIN, In(milliseconds(1000))), POLLIN);
  EXPECT_EQ(pair.ours.Receive(buffer, moved), Socket::Io::kSome);
  EXPECT_EQ(std::string_view(buffer.data(), moved), "abcd");
}

TEST(Socket, DistinguishesFullFromClosedConnection) {
  Pair pair = Connected();
  const std::string much(1 << 20, 'x');
  std::size_t moved = 0;
  while (pair.ours.Send(much, "", moved) == Socket::Io::kSome) EXPECT_GT(moved, 0U);
  EXPECT_EQ(pair.ours.Send(much, "", moved), Socket::Io::kLater);
  EXPECT_EQ(moved, 0U);
  pair.theirs = Connected().theirs;  // the old one is closed with the pair
  EXPECT_EQ(pair.ours.Send(much, "", moved), Socket::Io::kEnded);
  EXPECT_EQ(pair.ours.LastError(), "Broken pipe");
}

TEST(Socket, EndOfStreamHasNoError) {
  Pair pair = Connected();
  ::shutdown(pair.theirs.fd(), SHUT_WR);
  std::array<char, 16> buffer{};
  std::size_t moved = 99;
  EXPECT_EQ(pair.ours.Receive(buffer, moved), Socket::Io::kEnded);
  EXPECT_EQ(pair.ours.LastError(), "");
}

TEST(Socket, ConnectsToAnAddress) {
  StubServer server(stub::Answer("{}"));
  auto socket = Socket::ToAddress("127.0.0.1", server.port());
  ASSERT_TRUE(socket.ok()) << socket.status();
  EXPECT_EQ(*socket->Await(POLLOUT, In(milliseconds(1000))), POLLOUT);
  EXPECT_TRUE(socket->Outcome().ok());
}

TEST(Socket, ReportsConnectionRefused) {
  const auto socket = Socket::ToAddress("127.0.0.1", ClosedPort());
  if (socket.ok()) {
    EXPECT_TRUE(socket->Await(POLLOUT, In(milliseconds(1000))).ok());
  }
  const absl::Status outcome = socket.ok() ? socket->Outcome() : socket.status();
  EXPECT_EQ(KindOf(outcome), ErrorKind::kConnect);
  EXPECT_EQ(outcome.message(), "Connection refused");
  EXPECT_FALSE(Socket::ToAddress("a.name", 80).ok()) << "names are looked up elsewhere";
}

TEST(Socket, ConnectsToUnixSocket) {
  TempFolder folder;
  const auto missing = Socket::ToUnix(folder.Path("nobody"));
  EXPECT_EQ(missing.status().message(), "No such file or directory");
  EXPECT_EQ(Socket::ToUnix(std::string(200, 'x')).status().message(), "File name too long");

  const std::string path = folder.Path("socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  Socket listening(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(::bind(listening.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listening.fd(), 1), 0);
  const auto socket = Socket::ToUnix(path);
  ASSERT_TRUE(socket.ok()) << socket.status();
  EXPECT_TRUE(socket->Outcome().ok());
}

TEST(Socket, AwaitTimesOutAtDeadline) {
  const Pair pair = Connected();
  const auto start = std::chrono::steady_clock::now();
  const auto ready = pair.ours.Await(POLLIN, In(milliseconds(50)));
  EXPECT_EQ(KindOf(ready.status()), ErrorKind::kTimeout);
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(50));
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(5000));
}

}  // namespace
}  // namespace chatscale
