#include "tests/support/tcp_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "absl/time/clock.h"

namespace chatscale {

TcpClient::TcpClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(std::exchange(fd_, -1));
  }
}

TcpClient::~TcpClient() {
  if (fd_ >= 0) ::close(fd_);
}

TcpClient::TcpClient(TcpClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), ended_(other.ended_) {}

bool TcpClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

void TcpClient::HalfClose() { ::shutdown(fd_, SHUT_WR); }

std::string TcpClient::ReadAll(absl::Duration patience) { return ReadUntil("", patience); }

std::string TcpClient::ReadUntil(std::string_view mark, absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  std::string text;
  std::array<char, 65536> buffer;
  while (!ended_ && (mark.empty() || text.find(mark) == text.npos)) {
    const auto left = absl::ToInt64Milliseconds(deadline - absl::Now());
    pollfd wait{.fd = fd_, .events = POLLIN};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) break;
    const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
    ended_ = got <= 0;
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

bool TcpClient::Closed(absl::Duration patience) {
  ReadAll(patience);
  return ended_;
}

namespace {

std::string WithoutChunks(const std::string& body) {
  std::string text;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t size = std::strtoul(body.c_str() + at, nullptr, 16);
    const std::size_t start = body.find("\r\n", at);
    if (size == 0 || start == body.npos) break;
    text += body.substr(start + 2, size);
    at = start + 2 + size + 2;
  }
  return text;
}

}  // namespace

HttpReply Fetch(int port, const std::string& target, const std::string& headers,
                const std::string& method) {
  const absl::Time start = absl::Now();
  HttpReply reply;
  TcpClient client(port);
  if (client.connected() &&
      client.Send(method + " " + target + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" +
                  headers + "\r\n")) {
    const std::string text = client.ReadAll(absl::Seconds(20));
    const auto end = text.find("\r\n\r\n");
    if (end != text.npos) {
      reply.head = text.substr(0, end + 2);
      reply.body = text.substr(end + 4);
      if (reply.head.find("Transfer-Encoding: chunked") != reply.head.npos) {
        reply.body = WithoutChunks(reply.body);
      }
      reply.status = std::atoi(text.substr(9, 3).c_str());
    }
  }
  reply.took = absl::Now() - start;
  return reply;
}

}  // namespace chatscale
