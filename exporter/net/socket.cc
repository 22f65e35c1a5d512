#include "exporter/net/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>

#include "exporter/model/error_kind.h"
#include "exporter/model/try_thread.h"

namespace chatscale {

namespace {

using Names = std::vector<std::string>;

}  // namespace

bool IsNumericAddress(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  return inet_pton(AF_INET, host.c_str(), binary.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), binary.data()) == 1;
}

absl::Status NameLookup::SystemResolver(const std::string& host, Names& addresses) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return KindError(ErrorKind::kConnect, std::string(gai_strerror(error)));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text;
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text.data());
    }
  }
  if (addresses.empty()) return KindError(ErrorKind::kConnect, "the name has no address");
  return absl::OkStatus();
}

struct NameLookup::Pending {
  std::mutex mutex;
  std::condition_variable done;
  bool ended = false;
  absl::Status status;
  Names addresses;
};

absl::StatusOr<Names> NameLookup::Addresses(std::chrono::steady_clock::time_point deadline) {
  if (IsNumericAddress(host_)) return Names{host_};
  if (pending_ == nullptr) {
    pending_ = std::make_shared<Pending>();
    // Detached: a lookup that hangs cannot be cancelled, and nothing must wait for it.
    auto thread = TryThread([pending = pending_, host = host_, resolver = resolver_] {
      Names addresses;
      absl::Status status = resolver(host, addresses);
      const std::lock_guard lock(pending->mutex);
      pending->status = std::move(status);
      pending->addresses = std::move(addresses);
      pending->ended = true;
      pending->done.notify_all();
    });
    if (!thread) {
      pending_ = nullptr;
      return KindError(ErrorKind::kConnect, "no thread to look up the server's name");
    }
    thread->detach();
  }
  std::unique_lock lock(pending_->mutex);
  if (!pending_->done.wait_until(lock, deadline, [this] { return pending_->ended; })) {
    return KindError(ErrorKind::kTimeout, "looking up the server's name took too long");
  }
  lock.unlock();
  const std::shared_ptr<Pending> ended = std::move(pending_);
  if (!ended->status.ok()) return ended->status;
  return std::move(ended->addresses);
}

namespace {

absl::Status ConnectError(int error) {
  return KindError(ErrorKind::kConnect, std::strerror(error));
}

absl::StatusOr<Socket> Begin(int family, const sockaddr* address, socklen_t length) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return ConnectError(errno);
  Socket socket(fd);
  const bool begun = ::connect(fd, address, length) == 0 || errno == EINPROGRESS;
  if (!begun) return ConnectError(errno);
  return socket;
}

}  // namespace

Socket::Socket(int fd) : fd_(fd) {
  ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // fails harmlessly on a unix socket
}

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

Socket::Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), error_(other.error_) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(error_, other.error_);
  return *this;
}

absl::StatusOr<Socket> Socket::ToAddress(const std::string& address, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return KindError(ErrorKind::kConnect, ::gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  return Begin(found->ai_family, found->ai_addr, found->ai_addrlen);
}

absl::StatusOr<Socket> Socket::ToUnix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return ConnectError(ENAMETOOLONG);
  path.copy(address.sun_path, path.size());
  return Begin(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

absl::Status Socket::Outcome() const {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  return error == 0 ? absl::OkStatus() : ConnectError(error);
}

absl::StatusOr<short> Socket::Await(short events, Deadline deadline) const {
  using std::chrono::milliseconds;
  while (true) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now())
            .count();
    if (left <= 0) return KindError(ErrorKind::kTimeout, "deadline exceeded");
    pollfd descriptor{.fd = fd_, .events = events, .revents = 0};
    const int n = ::poll(&descriptor, 1, static_cast<int>(std::min<long>(left + 1, 60'000)));
    if (n > 0) return descriptor.revents;
    if (n < 0 && errno != EINTR) return ConnectError(errno);
  }
}

Socket::Io Socket::Receive(std::span<char> buffer, std::size_t& moved) {
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  moved = got > 0 ? static_cast<std::size_t>(got) : 0;
  error_ = got < 0 ? errno : 0;
  if (error_ == EAGAIN || error_ == EINTR) return Io::kLater;
  return got > 0 ? Io::kSome : Io::kEnded;
}

Socket::Io Socket::Send(std::string_view first, std::string_view second, std::size_t& moved) {
  std::array<iovec, 2> parts{};
  std::size_t count = 0;
  for (const std::string_view part : {first, second}) {
    if (part.empty()) continue;
    // sendmsg only reads what an iovec points to.
    parts[count++] = {.iov_base = const_cast<char*>(part.data()),  // NOLINT
                      .iov_len = part.size()};
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  const ssize_t put = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
  moved = put > 0 ? static_cast<std::size_t>(put) : 0;
  error_ = put < 0 ? errno : 0;
  if (error_ == EAGAIN || error_ == EINTR) return Io::kLater;
  return put < 0 ? Io::kEnded : Io::kSome;
}

std::string Socket::LastError() const { return error_ == 0 ? "" : std::strerror(error_); }

}  // namespace chatscale
