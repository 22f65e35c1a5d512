#include "exporter/sources/redis/wire/redis_connection.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "exporter/files/read_file.h"
#include "exporter/sources/redis/wire/redis_error.h"

namespace chatscale::redis {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kReceiveBytes = 64 * 1024;

std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

absl::StatusOr<std::string> ReadPassword(const ConnectionOptions& options) {
  if (options.password_file.empty()) return options.address.password;
  absl::StatusOr<std::string> password = ReadSecretFile(options.password_file);
  if (!password.ok()) return KindError(ErrorKind::kAuth, ToStd(password.status().message()));
  return password;
}

}  // namespace

Connection::Connection(ConnectionOptions options)
    : options_(std::move(options)),
      lookup_(options_.address.host),
      filter_(options_.max_bulk_bytes) {}
Connection::~Connection() = default;

void Connection::FreeContext::operator()(redisContext* context) const { redisFree(context); }

void Connection::Close() {
  context_.reset();
  tls_.reset();
  filter_ = ReplyFilter(options_.max_bulk_bytes);
}

absl::Status Connection::Fail(ErrorKind kind, std::string_view what) const {
  return KindError(kind, options_.address.Printable().append(": ").append(what));
}

absl::StatusOr<std::vector<Reply>> Connection::Run(const Pipeline& pipeline, Deadline deadline,
                                                   std::vector<Reply>* partial) {
  const bool reused = context_ != nullptr;
  const std::uint64_t received_before = traffic_.bytes_received;
  if (absl::Status open = EnsureOpen(deadline); !open.ok()) return open;
  auto replies = Exchange(pipeline, deadline, partial);
  if (replies.ok()) return replies;
  Close();
  // The server went away and came back since the last cycle: the old connection tells only now.
  const bool unanswered = traffic_.bytes_received == received_before;
  if (!reused || !unanswered || KindOf(replies.status()) != ErrorKind::kConnect) return replies;
  if (absl::Status open = EnsureOpen(deadline); !open.ok()) return open;
  replies = Exchange(pipeline, deadline, partial);
  if (!replies.ok()) Close();
  return replies;
}

absl::Status Connection::EnsureOpen(Deadline deadline) {
  if (context_ != nullptr) return absl::OkStatus();
  if (SteadyClock::now() < not_before_) return last_failure_;
  absl::Status status = Open(deadline);
  if (status.ok() && options_.address.tls) status = ShakeHands(deadline);
  if (status.ok()) status = Handshake(deadline);
  if (status.ok()) {
    backoff_ = std::chrono::milliseconds(0);
    ++traffic_.connects;
    return status;
  }
  Close();
  backoff_ = std::clamp(backoff_ * 2, options_.backoff_first, options_.backoff_last);
  not_before_ = SteadyClock::now() + backoff_;
  last_failure_ = status;
  return status;
}

absl::Status Connection::Open(Deadline deadline) {
  if (!options_.address.unix_path.empty()) return Reach("", deadline);
  const auto addresses = lookup_.Addresses(deadline);
  if (!addresses.ok()) {
    return Fail(KindOf(addresses.status()), ToStd(addresses.status().message()));
  }
  absl::Status status;
  for (const std::string& address : *addresses) {
    status = Reach(address, deadline);
    if (status.ok() || KindOf(status) == ErrorKind::kTimeout) return status;
  }
  return status;
}

// `address` is empty for a unix socket.
absl::Status Connection::Reach(const std::string& address, Deadline deadline) {
  const Address& where = options_.address;
  context_.reset(address.empty() ? redisConnectUnixNonBlock(where.unix_path.c_str())
                                 : redisConnectNonBlock(address.c_str(), where.port));
  if (context_ == nullptr) return Fail(ErrorKind::kConnect, "out of memory");
  if (context_->err != 0) return Fail(ErrorKind::kConnect, context_->errstr);
  short ready = 0;
  if (absl::Status status = AwaitReady(POLLOUT, deadline, ready); !status.ok()) return status;
  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(context_->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  if (error != 0) return Fail(ErrorKind::kConnect, std::strerror(error));
  return absl::OkStatus();
}

absl::Status Connection::ShakeHands(Deadline deadline) {
  auto tls = TlsSession::Create(options_.address.host, options_.tls_ca_file);
  if (!tls.ok()) return tls.status();
  tls_ = *std::move(tls);
  while (true) {
    const auto complete = tls_->Shake();
    const std::string out = tls_->Take();
    std::string_view unsent = out;
    while (!unsent.empty()) {
      short ready = 0;
      if (absl::Status status = AwaitReady(POLLOUT, deadline, ready); !status.ok()) return status;
      if (absl::Status status = Send(unsent); !status.ok()) return status;
    }
    if (!complete.ok()) return Fail(ErrorKind::kTls, ToStd(complete.status().message()));
    if (*complete) return absl::OkStatus();
    short ready = 0;
    if (absl::Status status = AwaitReady(POLLIN, deadline, ready); !status.ok()) return status;
    std::array<char, kReceiveBytes> buffer;
    const ssize_t n = recv(context_->fd, buffer.data(), buffer.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n < 0) return Fail(ErrorKind::kConnect, std::strerror(errno));
    if (n == 0) return Fail(ErrorKind::kTls, "closed by the server during the TLS handshake");
    tls_->Feed(std::string_view(buffer.data(), static_cast<std::size_t>(n)));
  }
}

absl::Status Connection::Handshake(Deadline deadline) {
  const auto password = ReadPassword(options_);
  if (!password.ok()) return password.status();
  Pipeline hello;
  if (!password->empty() && options_.address.user.empty()) {
    hello.Add({"AUTH", *password});
  } else if (!password->empty()) {
    hello.Add({"AUTH", options_.address.user, *password});
  }
  hello.Add({"SELECT", std::to_string(options_.address.db)});
  auto replies = Exchange(hello, deadline, nullptr);
  if (!replies.ok()) return replies.status();
  for (const Reply& reply : *replies) {
    if (!reply.view().IsError()) continue;
    const std::string_view text = *reply.view().Text();
    return Fail(KindOfReply(text), text);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Reply>> Connection::Exchange(const Pipeline& pipeline, Deadline deadline,
                                                        std::vector<Reply>* partial) {
  std::vector<Reply> replies;
  absl::Status status = Exchange(pipeline, deadline, replies);
  if (status.ok()) return replies;
  if (partial != nullptr) *partial = std::move(replies);
  return status;
}

absl::Status Connection::Exchange(const Pipeline& pipeline, Deadline deadline,
                                  std::vector<Reply>& replies) {
  std::string_view unsent = pipeline.bytes();
  std::string cipher;
  if (tls_) {
    if (!tls_->Encrypt(unsent)) return Fail(ErrorKind::kTls, "cannot encrypt");
    cipher = tls_->Take();
    unsent = cipher;
  }
  replies.reserve(pipeline.size());
  std::size_t received = 0;
  while (replies.size() < pipeline.size() || filter_.discarding()) {
    short ready = 0;
    const auto wanted = static_cast<short>(unsent.empty() ? POLLIN : POLLIN | POLLOUT);
    if (absl::Status status = AwaitReady(wanted, deadline, ready); !status.ok()) return status;
    if ((ready & POLLOUT) != 0) {
      if (absl::Status status = Send(unsent); !status.ok()) return status;
    }
    if ((ready & (POLLIN | POLLHUP | POLLERR)) != 0) {
      if (absl::Status status = Receive(replies, pipeline.size(), received); !status.ok()) {
        return status;
      }
    }
  }
  ++traffic_.round_trips;
  traffic_.commands += pipeline.size();
  return absl::OkStatus();
}

absl::Status Connection::AwaitReady(short events, Deadline deadline, short& ready) {
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now())
            .count();
    if (left <= 0) return Fail(ErrorKind::kTimeout, "deadline exceeded");
    pollfd descriptor{.fd = context_->fd, .events = events, .revents = 0};
    const int n = poll(&descriptor, 1, static_cast<int>(std::min<long>(left + 1, 60'000)));
    if (n > 0) {
      ready = descriptor.revents;
      return absl::OkStatus();
    }
    if (n < 0 && errno != EINTR) {
      return Fail(ErrorKind::kConnect, std::strerror(errno));
    }
  }
}

absl::Status Connection::Send(std::string_view& unsent) {
  const ssize_t n = send(context_->fd, unsent.data(), unsent.size(), MSG_NOSIGNAL);
  if (n < 0) {
    if (errno == EAGAIN || errno == EINTR) return absl::OkStatus();
    return Fail(ErrorKind::kConnect, std::strerror(errno));
  }
  unsent.remove_prefix(static_cast<std::size_t>(n));
  traffic_.bytes_sent += static_cast<std::uint64_t>(n);
  return absl::OkStatus();
}

absl::Status Connection::Receive(std::vector<Reply>& replies, std::size_t expected,
                                 std::size_t& received) {
  std::array<char, kReceiveBytes> buffer;
  const ssize_t n = recv(context_->fd, buffer.data(), buffer.size(), 0);
  if (n < 0) {
    if (errno == EAGAIN || errno == EINTR) return absl::OkStatus();
    return Fail(ErrorKind::kConnect, std::strerror(errno));
  }
  if (n == 0) return Fail(ErrorKind::kConnect, "closed by the server");
  traffic_.bytes_received += static_cast<std::uint64_t>(n);
  std::string_view bytes(buffer.data(), static_cast<std::size_t>(n));
  std::string plain;
  if (tls_) {
    tls_->Feed(bytes);
    if (!tls_->Decrypt(plain)) return Fail(ErrorKind::kConnect, "closed by the server");
    bytes = plain;
  }
  std::string passed;
  const bool sound = filter_.Pass(bytes, passed);
  received += passed.size();
  if (received > options_.max_run_bytes) {
    return Fail(ErrorKind::kTooLarge, "the replies exceed the bound");
  }
  if (!sound || redisReaderFeed(context_->reader, passed.data(), passed.size()) != REDIS_OK) {
    return Fail(ErrorKind::kProtocol, "not a Redis reply");
  }
  while (true) {
    void* reply = nullptr;
    if (redisReaderGetReply(context_->reader, &reply) != REDIS_OK) {
      return Fail(ErrorKind::kProtocol, context_->reader->errstr);
    }
    if (reply == nullptr) return absl::OkStatus();
    replies.emplace_back(static_cast<redisReply*>(reply));
    if (replies.size() > expected) {
      return Fail(ErrorKind::kProtocol, "more replies than commands");
    }
  }
}

}  // namespace chatscale::redis
