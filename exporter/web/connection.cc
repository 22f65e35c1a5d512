#include "exporter/web/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace chatscale {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;

bool IsLater(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

Connection::Connection(int fd, std::uint64_t id) : fd_(fd), id_(id) {
  ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() { ::close(fd_); }

Connection::Io Connection::Receive() {
  std::array<char, kReadBytes> buffer;
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (got < 0) return IsLater(errno) ? Io::kLater : Io::kEnded;
  if (got == 0) return Io::kEnded;
  in.append(buffer.data(), static_cast<std::size_t>(got));
  return Io::kSome;
}

Connection::Io Connection::Send(bool& progress) {
  progress = false;
  const std::size_t tail = body ? body->size() : 0;
  while (sent_ < out.size() + tail) {
    std::array<iovec, 2> parts{};
    std::size_t count = 0;
    const auto add = [&](const std::string& bytes, std::size_t from) {
      if (from >= bytes.size()) return;
      // sendmsg only reads what an iovec points to.
      parts[count++] = {.iov_base = const_cast<char*>(bytes.data()) + from,  // NOLINT
                        .iov_len = bytes.size() - from};
    };
    add(out, sent_);
    if (body) add(*body, sent_ > out.size() ? sent_ - out.size() : 0);
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t put = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (put < 0) return IsLater(errno) ? Io::kLater : Io::kEnded;
    progress = true;
    sent_ += static_cast<std::size_t>(put);
  }
  sent_ = 0;
  out.clear();
  body.reset();
  return Io::kSome;
}

void Connection::HalfClose() { ::shutdown(fd_, SHUT_WR); }

std::string Connection::RemoteIp() const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getpeername(fd_, reinterpret_cast<sockaddr*>(&address), &length) != 0) return "";
  const void* ip = nullptr;
  if (address.ss_family == AF_INET) ip = &reinterpret_cast<sockaddr_in*>(&address)->sin_addr;
  if (address.ss_family == AF_INET6) ip = &reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (ip == nullptr || ::inet_ntop(address.ss_family, ip, text.data(), text.size()) == nullptr) {
    return "";
  }
  return text.data();
}

}  // namespace chatscale
