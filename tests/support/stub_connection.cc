#include "tests/support/stub_connection.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/time/clock.h"

namespace chatscale {
namespace {

constexpr std::size_t kMaxRequestBytes = std::size_t{16} << 20;

}  // namespace

std::optional<std::string> StubRequest::Header(std::string_view name) const {
  const std::string lower = absl::AsciiStrToLower(head);
  const std::size_t at = lower.find("\r\n" + std::string(name) + ":");
  if (at == std::string::npos) return std::nullopt;
  const std::size_t start = at + 2 + name.size() + 1;
  return std::string(
      absl::StripAsciiWhitespace(head.substr(start, head.find("\r\n", start) - start)));
}

StubConnection::StubConnection(int fd, SSL_CTX* tls, const std::atomic<bool>& stopping)
    : fd_(fd), stopping_(stopping), ssl_(nullptr, &SSL_free) {
  ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  if (tls == nullptr) return;
  ssl_.reset(SSL_new(tls));
  SSL_set_fd(ssl_.get(), fd_);
}

StubConnection::~StubConnection() {
  // Closing with unread bytes would reset the connection and may destroy what was sent last.
  ::shutdown(fd_, SHUT_WR);
  std::array<char, 4096> rest{};
  for (int i = 0; i < 5 && ::recv(fd_, rest.data(), rest.size(), 0) != 0; ++i) {
    if (!Ready(Wait::kRead)) break;
  }
  ::close(fd_);
}

bool StubConnection::Ready(Wait wait) const {
  constexpr short kEvents[] = {POLLIN, POLLOUT};
  pollfd entry{.fd = fd_, .events = kEvents[static_cast<int>(wait)], .revents = 0};
  ::poll(&entry, 1, kSliceMs);
  return !stopping_;
}

bool StubConnection::Handshake() {
  if (ssl_ == nullptr) return true;
  while (true) {
    ERR_clear_error();
    const int result = SSL_accept(ssl_.get());
    if (result == 1) return true;
    const int error = SSL_get_error(ssl_.get(), result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return false;
    if (!Ready(error == SSL_ERROR_WANT_READ ? Wait::kRead : Wait::kWrite)) return false;
  }
}

bool StubConnection::ReadSome() {
  std::array<char, 16384> buffer{};
  while (true) {
    ERR_clear_error();
    const ssize_t got = ssl_ ? SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))
                             : ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got > 0) {
      input_.append(buffer.data(), static_cast<std::size_t>(got));
      return true;
    }
    const bool again = ssl_
                           ? SSL_get_error(ssl_.get(), static_cast<int>(got)) == SSL_ERROR_WANT_READ
                           : got < 0 && errno == EAGAIN;
    if (!again || !Ready(Wait::kRead)) return false;
  }
}

std::optional<StubRequest> StubConnection::ReadRequest() {
  while (input_.find("\r\n\r\n") == std::string::npos) {
    if (input_.size() > kMaxRequestBytes || !ReadSome()) return std::nullopt;
  }
  StubRequest request;
  const std::size_t end = input_.find("\r\n\r\n") + 4;
  request.head = input_.substr(0, end);
  input_.erase(0, end);
  const std::size_t space = request.head.find(' ');
  request.method = request.head.substr(0, space);
  request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
  std::size_t length = 0;
  if (!absl::SimpleAtoi(request.Header("content-length").value_or("0"), &length)) return {};
  while (input_.size() < length) {
    if (length > kMaxRequestBytes || !ReadSome()) return std::nullopt;
  }
  request.body = input_.substr(0, length);
  input_.erase(0, length);
  return request;
}

bool StubConnection::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    ERR_clear_error();
    const ssize_t sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                              : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    const bool again =
        ssl_ ? SSL_get_error(ssl_.get(), static_cast<int>(sent)) == SSL_ERROR_WANT_WRITE
             : sent < 0 && errno == EAGAIN;
    if (!again || !Ready(Wait::kWrite)) return false;
  }
  return !stopping_;
}

bool StubConnection::Pause(absl::Duration duration) {
  const absl::Time end = absl::Now() + duration;
  while (absl::Now() < end && !stopping_) {
    absl::SleepFor(std::min(end - absl::Now(), absl::Milliseconds(kSliceMs)));
  }
  return !stopping_;
}

void StubConnection::WaitForClose() {
  while (ReadSome()) input_.clear();
}

}  // namespace chatscale
