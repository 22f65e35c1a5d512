#include "tests/support/tcp_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "absl/time/clock.h"

namespace chatscale {

void TcpClient::Free::operator()(ssl_st* session) const { SSL_free(session); }

TcpClient::TcpClient(int port, const ClientTls& tls)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int on = 1;  // as what scrapes has it; else a request waits for the handshake's last ACK
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(std::exchange(fd_, -1));
  }
  if (fd_ >= 0 && !tls.ca.empty() && !ShakeHands(tls)) {
    session_.reset();
    ::close(std::exchange(fd_, -1));
  }
  ended_ = fd_ < 0;
}

bool TcpClient::ShakeHands(const ClientTls& tls) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()),
                                                             SSL_CTX_free);
  SSL_CTX_load_verify_locations(context.get(), tls.ca.c_str(), nullptr);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (!tls.cert.empty()) {
    SSL_CTX_use_certificate_chain_file(context.get(), tls.cert.c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), tls.key.c_str(), SSL_FILETYPE_PEM);
  }
  const timeval timeout{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  session_.reset(SSL_new(context.get()));
  SSL_set_fd(session_.get(), fd_);
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session_.get()), "127.0.0.1");
  return SSL_connect(session_.get()) == 1;
}

TcpClient::~TcpClient() {
  if (fd_ >= 0) ::close(fd_);
}

TcpClient::TcpClient(TcpClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      ended_(other.ended_),
      session_(std::move(other.session_)) {}

bool TcpClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put =
        session_ ? SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size()))
                 : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

bool TcpClient::UpdateKeys() {
  return SSL_key_update(session_.get(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1 &&
         SSL_do_handshake(session_.get()) == 1;
}

void TcpClient::HalfClose() {
  if (session_) SSL_shutdown(session_.get());
  ::shutdown(fd_, SHUT_WR);
}

void TcpClient::Reset() {
  session_.reset();
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(fd_, -1));
  ended_ = true;
}

std::string TcpClient::ReadAll(absl::Duration timeout) { return ReadUntil("", timeout); }

std::string TcpClient::ReadUntil(std::string_view mark, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  std::string text;
  std::array<char, 65536> buffer;
  while (!ended_ && (mark.empty() || text.find(mark) == text.npos)) {
    const auto left = absl::ToInt64Milliseconds(deadline - absl::Now());
    pollfd wait{.fd = fd_, .events = POLLIN};
    const bool ready = session_ && SSL_pending(session_.get()) > 0;
    if (!ready && (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0)) break;
    const ssize_t got =
        session_ ? SSL_read(session_.get(), buffer.data(), static_cast<int>(buffer.size()))
                 : ::recv(fd_, buffer.data(), buffer.size(), 0);
    ended_ = got <= 0;
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

bool TcpClient::Closed(absl::Duration timeout) {
  ReadAll(timeout);
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
                const std::string& method, const ClientTls& tls) {
  const absl::Time start = absl::Now();
  HttpReply reply;
  TcpClient client(port, tls);
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
