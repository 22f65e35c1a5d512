#include "tests/support/stub_server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

namespace chatscale {
namespace {

constexpr int kBacklog = 64;

int BindLoopback(int& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(fd, generic, size), 0);
  EXPECT_EQ(::getsockname(fd, generic, &size), 0);
  port = ntohs(address.sin_port);
  return fd;
}

std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> ContextOf(const StubTls& tls) {
  std::signal(SIGPIPE, SIG_IGN);  // SSL_write to a peer that left
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()),
                                                            &SSL_CTX_free);
  EXPECT_EQ(SSL_CTX_use_certificate_file(context.get(), tls.cert_file.c_str(), SSL_FILETYPE_PEM),
            1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context.get(), tls.key_file.c_str(), SSL_FILETYPE_PEM), 1);
  if (!tls.client_authority_file.empty()) {
    EXPECT_EQ(
        SSL_CTX_load_verify_locations(context.get(), tls.client_authority_file.c_str(), nullptr),
        1);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

}  // namespace

StubServer::StubServer(StubBehaviour behaviour, const std::optional<StubTls>& tls)
    : tls_(nullptr, &SSL_CTX_free), behaviour_(std::move(behaviour)) {
  if (tls) tls_ = ContextOf(*tls);
  listener_ = BindLoopback(port_);
  EXPECT_EQ(::listen(listener_, kBacklog), 0);
  acceptor_ = std::thread([this] { Accept(); });
}

StubServer::~StubServer() {
  stopping_ = true;
  acceptor_.join();
  for (std::thread& servant : servants_) servant.join();
  ::close(listener_);
}

std::string StubServer::url() const {
  return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
}

std::vector<StubRequest> StubServer::Requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void StubServer::SetBehaviour(StubBehaviour behaviour) {
  const std::lock_guard lock(mutex_);
  behaviour_ = std::move(behaviour);
}

void StubServer::Accept() {
  while (!stopping_) {
    pollfd entry{.fd = listener_, .events = POLLIN, .revents = 0};
    if (::poll(&entry, 1, kSliceMs) <= 0) continue;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    ++connections_;
    servants_.emplace_back([this, fd] { Serve(fd); });
  }
}

void StubServer::Serve(int fd) {
  StubConnection connection(fd, tls_.get(), stopping_);
  if (!connection.Handshake()) return;
  while (const std::optional<StubRequest> request = connection.ReadRequest()) {
    StubBehaviour behaviour;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(*request);
      behaviour = behaviour_;
    }
    if (!behaviour(*request, connection)) return;
  }
}

int ClosedPort() {
  int port = 0;
  ::close(BindLoopback(port));
  return port;
}

}  // namespace chatscale
