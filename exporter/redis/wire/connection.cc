#include "exporter/redis/wire/connection.h"

#include <hiredis/hiredis.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <new>

#include "exporter/files/files.h"
#include "exporter/model/text.h"
#include "exporter/redis/wire/reply.h"

namespace chatscale::redis {

void Pipeline::Add(std::span<const std::string_view> arguments) {
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  for (const std::string_view argument : arguments) {
    texts.push_back(argument.empty() ? "" : argument.data());
    lengths.push_back(argument.size());
  }
  char* command = nullptr;
  const auto size = redisFormatCommandArgv(&command, static_cast<int>(texts.size()), texts.data(),
                                           lengths.data());
  if (size < 0) throw std::bad_alloc();
  bytes_.append(command, static_cast<std::size_t>(size));
  redisFreeCommand(command);
  ++size_;
}

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

// Masks the password: a server may repeat what it was sent, at login or later.
void Mask(std::string_view password, redisReply& reply) {
  if (reply.type != REDIS_REPLY_ERROR || password.empty()) return;
  const std::string_view text(reply.str, reply.len);
  for (auto at = text.find(password); at != text.npos; at = text.find(password, at + 1)) {
    std::fill_n(reply.str + at, password.size(), '*');
  }
}

}  // namespace

Connection::Connection(ConnectionOptions options)
    : options_(std::move(options)), lookup_(options_.address.host) {}
Connection::~Connection() = default;

void Connection::FreeReader::operator()(redisReader* reader) const { redisReaderFree(reader); }

void Connection::Close() {
  socket_.reset();
  reader_.reset();
  tls_.reset();
  filter_ = {};
}

void Connection::CountAlso(const Traffic& before) {
  traffic_.round_trips += before.round_trips;
  traffic_.commands += before.commands;
  traffic_.bytes_sent += before.bytes_sent;
  traffic_.bytes_received += before.bytes_received;
  traffic_.elements_received += before.elements_received;
  traffic_.connects += before.connects;
}

absl::Status Connection::Fail(ErrorKind kind, std::string_view what) const {
  return KindError(kind, options_.address.Printable().append(": ").append(what));
}

absl::StatusOr<std::vector<Reply>> Connection::Run(const Pipeline& pipeline, Deadline deadline,
                                                   std::vector<Reply>* partial) {
  const bool reused = socket_.has_value();
  const std::uint64_t received_before = traffic_.bytes_received;
  if (absl::Status open = Open(deadline); !open.ok()) return open;
  auto replies = Exchange(pipeline, deadline, partial);
  if (replies.ok()) return replies;
  Close();
  // One retry when the server restarted since the last cycle: the old connection fails only now.
  const bool unanswered = traffic_.bytes_received == received_before;
  if (!reused || !unanswered || KindOf(replies.status()) != ErrorKind::kConnect) return replies;
  if (absl::Status open = Open(deadline); !open.ok()) return open;
  replies = Exchange(pipeline, deadline, partial);
  if (!replies.ok()) Close();
  return replies;
}

absl::Status Connection::Open(Deadline deadline) {
  if (socket_) return absl::OkStatus();
  if (SteadyClock::now() < not_before_) return last_failure_;
  absl::Status status = Connect(deadline);
  if (status.ok() && options_.address.tls) status = TlsHandshake(deadline);
  if (status.ok()) status = Login(deadline);
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

absl::Status Connection::Connect(Deadline deadline) {
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
  absl::StatusOr<Socket> begun =
      address.empty() ? Socket::ToUnix(where.unix_path) : Socket::ToAddress(address, where.port);
  if (!begun.ok()) return Fail(ErrorKind::kConnect, ToStd(begun.status().message()));
  socket_ = *std::move(begun);
  reader_.reset(redisReaderCreate());
  const auto ready = Await(POLLOUT, deadline);
  if (!ready.ok()) return ready.status();
  const absl::Status outcome = socket_->Outcome();
  return outcome.ok() ? outcome : Fail(ErrorKind::kConnect, ToStd(outcome.message()));
}

absl::Status Connection::TlsHandshake(Deadline deadline) {
  auto tls = TlsSession::Create(options_.address.host, options_.ca_file);
  if (!tls.ok()) return tls.status();
  tls_ = *std::move(tls);
  while (true) {
    const auto complete = tls_->Handshake();
    const std::string out = tls_->Take();
    std::string_view unsent = out;
    while (!unsent.empty()) {
      if (const auto ready = Await(POLLOUT, deadline); !ready.ok()) return ready.status();
      if (absl::Status status = Send(unsent); !status.ok()) return status;
    }
    if (!complete.ok()) return Fail(ErrorKind::kTls, ToStd(complete.status().message()));
    if (*complete) return absl::OkStatus();
    if (const auto ready = Await(POLLIN, deadline); !ready.ok()) return ready.status();
    std::array<char, kReceiveBytes> buffer;
    std::size_t got = 0;
    if (socket_->Receive(buffer, got) == Socket::Io::kEnded) {
      const std::string error = socket_->LastError();
      return error.empty() ? Fail(ErrorKind::kTls, "closed by the server during the TLS handshake")
                           : Fail(ErrorKind::kConnect, error);
    }
    tls_->Feed(std::string_view(buffer.data(), got));
  }
}

absl::Status Connection::Login(Deadline deadline) {
  const auto password = ReadPassword(options_);
  if (!password.ok()) return password.status();
  password_ = *password;
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
    return Fail(KindOfReply(text), RepairUtf8(text.substr(0, kMaxErrorTextBytes)));
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
  filter_.Begin(pipeline.max_bulk_bytes > 0 ? pipeline.max_bulk_bytes : options_.max_bulk_bytes);
  std::size_t received = 0;
  while (replies.size() < pipeline.size() || filter_.discarding()) {
    const auto wanted = static_cast<short>(unsent.empty() ? POLLIN : POLLIN | POLLOUT);
    const auto ready = Await(wanted, deadline);
    if (!ready.ok()) return ready.status();
    if ((*ready & POLLOUT) != 0) {
      if (absl::Status status = Send(unsent); !status.ok()) return status;
    }
    if ((*ready & (POLLIN | POLLHUP | POLLERR)) != 0) {
      if (absl::Status status = Receive(replies, pipeline, received); !status.ok()) {
        return status;
      }
    }
  }
  traffic_.elements_received += static_cast<std::uint64_t>(filter_.elements());
  ++traffic_.round_trips;
  traffic_.commands += pipeline.size();
  return absl::OkStatus();
}

absl::StatusOr<short> Connection::Await(short events, Deadline deadline) const {
  absl::StatusOr<short> ready = socket_->Await(events, deadline);
  if (ready.ok()) return ready;
  return Fail(KindOf(ready.status()), ToStd(ready.status().message()));
}

absl::Status Connection::Ended() const {
  const std::string error = socket_->LastError();
  return Fail(ErrorKind::kConnect, error.empty() ? "closed by the server" : error);
}

absl::Status Connection::Send(std::string_view& unsent) {
  std::size_t put = 0;
  if (socket_->Send(unsent, "", put) == Socket::Io::kEnded) return Ended();
  unsent.remove_prefix(put);
  traffic_.bytes_sent += put;
  return absl::OkStatus();
}

absl::Status Connection::Receive(std::vector<Reply>& replies, const Pipeline& pipeline,
                                 std::size_t& received) {
  std::array<char, kReceiveBytes> buffer;
  std::size_t got = 0;
  if (socket_->Receive(buffer, got) == Socket::Io::kEnded) return Ended();
  if (got == 0) return absl::OkStatus();
  traffic_.bytes_received += got;
  std::string_view bytes(buffer.data(), got);
  std::string plain;
  if (tls_) {
    tls_->Feed(bytes);
    if (!tls_->Decrypt(plain)) return Fail(ErrorKind::kConnect, "closed by the server");
    bytes = plain;
  }
  std::string passed;
  const ReplyFilter::Verdict verdict = filter_.Pass(bytes, passed);
  received += passed.size();
  const std::size_t most =
      pipeline.max_batch_bytes > 0 ? pipeline.max_batch_bytes : options_.max_batch_bytes;
  if (received > most || verdict == ReplyFilter::Verdict::kTooLarge) {
    return Fail(ErrorKind::kTooLarge, "the replies exceed the bound");
  }
  if (verdict != ReplyFilter::Verdict::kSound ||
      redisReaderFeed(reader_.get(), passed.data(), passed.size()) != REDIS_OK) {
    return Fail(ErrorKind::kProtocol, "not a Redis reply");
  }
  while (true) {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
      return Fail(ErrorKind::kProtocol, reader_->errstr);
    }
    if (reply == nullptr) return absl::OkStatus();
    Mask(password_, *static_cast<redisReply*>(reply));
    replies.emplace_back(static_cast<redisReply*>(reply));
    if (replies.size() > pipeline.size()) {
      return Fail(ErrorKind::kProtocol, "more replies than commands");
    }
  }
}

}  // namespace chatscale::redis
