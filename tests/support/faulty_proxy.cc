#include "tests/support/faulty_proxy.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace chatscale {
namespace {

constexpr int kNoticeMs = 20;  // how soon a change is noticed

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool SendAll(int fd, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t put = ::send(fd, bytes, size, MSG_NOSIGNAL);
    if (put <= 0) return false;
    bytes += put;
    size -= static_cast<std::size_t>(put);
  }
  return true;
}

}  // namespace

const char* NameOf(WireFault fault) {
  constexpr std::array kNames = {"none", "refused", "hanging", "slow",
                                 "half", "wrong",   "huge",    "restarted"};
  return kNames[static_cast<std::size_t>(fault)];
}

FaultyProxy::FaultyProxy(int server_port, std::string huge)
    : server_port_(server_port), huge_(std::move(huge)) {
  Bind();
  ::close(listener_);
  Bind();  // by number: only then does a socket keep its port when it no longer listens
  Set(WireFault::kNone);
  acceptor_ = std::thread([this] { Accept(); });
}

FaultyProxy::~FaultyProxy() {
  stopping_ = true;
  acceptor_.join();
  for (std::thread& servant : servants_) servant.join();
  ::close(listener_);
}

void FaultyProxy::Bind() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = Loopback(port_);
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  socklen_t length = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  listener_ = fd;
}

void FaultyProxy::Set(WireFault fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  ++epoch_;
  if (fault == WireFault::kRefused) {
    ::shutdown(listener_, SHUT_RD);  // keeps the port
    listening_ = false;
  } else if (!listening_) {
    ::listen(listener_, 16);
    listening_ = true;
  }
}

void FaultyProxy::Accept() {
  while (!stopping_) {
    pollfd ready{.fd = listener_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, kNoticeMs) <= 0) continue;
    if ((ready.revents & POLLIN) == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(kNoticeMs));
    const std::lock_guard lock(mutex_);
    const int client = listening_ ? ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC) : -1;
    if (client >= 0) servants_.emplace_back([this, client] { Serve(client); });
  }
}

// What is there of one direction. False: the connection ends.
bool FaultyProxy::Pass(int from, int to, bool answer) const {
  std::array<char, 65536> buffer;
  const WireFault fault = fault_;
  const std::size_t most = answer && fault == WireFault::kSlow ? 1 : buffer.size();
  const ssize_t got = ::recv(from, buffer.data(), most, 0);
  if (got <= 0) return false;
  if (!answer && fault == WireFault::kHanging) return true;
  if (!answer && fault == WireFault::kWrong) {
    constexpr char kOther[] = "SSH-2.0-OpenSSH_9.2\r\n\xff\xfe\r\n\r\n";
    SendAll(from, kOther, sizeof kOther - 1);
    return false;
  }
  if (!answer && fault == WireFault::kHuge) {
    const std::string more(65'536, 'x');
    bool goes_on = SendAll(from, huge_.data(), huge_.size());
    while (goes_on && !stopping_) {
      goes_on = SendAll(from, more.data(), more.size());
    }
    return false;
  }
  if (answer && fault == WireFault::kHalf) {
    SendAll(to, buffer.data(), std::min<std::size_t>(static_cast<std::size_t>(got), 20));
    return false;
  }
  if (answer && fault == WireFault::kSlow) {
    std::this_thread::sleep_for(std::chrono::milliseconds(kNoticeMs));
  }
  return SendAll(to, buffer.data(), static_cast<std::size_t>(got));
}

void FaultyProxy::Serve(int client) {
  const int epoch = epoch_;
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(server_port_);
  bool goes_on = ::connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  while (goes_on && !stopping_ && epoch == epoch_) {
    std::array<pollfd, 2> ready = {pollfd{.fd = client, .events = POLLIN, .revents = 0},
                                   pollfd{.fd = server, .events = POLLIN, .revents = 0}};
    if (::poll(ready.data(), ready.size(), kNoticeMs) <= 0) continue;
    if (ready[0].revents != 0) goes_on = Pass(client, server, false);
    if (goes_on && ready[1].revents != 0) goes_on = Pass(server, client, true);
  }
  ::close(server);
  ::close(client);
}

}  // namespace chatscale
