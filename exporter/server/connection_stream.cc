#include "exporter/server/connection_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "exporter/model/text.h"

namespace chatscale {

namespace {

// Below cpp-httplib's limits for a request line and for a header.
constexpr std::size_t kMaxLineBytes = 8'000;

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase({a.data(), a.size()}, {b.data(), b.size()});
}

// "METHOD target HTTP/1.x"; nullopt otherwise.
std::optional<std::string_view> TargetOf(std::string_view line) {
  const auto first = line.find(' '), last = line.rfind(' ');
  if (first == line.npos || first == 0 || last < first + 2) return std::nullopt;
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return std::nullopt;
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (target.find(' ') != target.npos || std::ranges::any_of(line, IsControl)) return std::nullopt;
  return target;
}

// The path of an absolute target, RFC 9112, 3.2.2.
std::string OriginForm(std::string_view target) {
  const absl::string_view text(target.data(), target.size());
  if (!absl::StartsWithIgnoreCase(text, "http://") &&
      !absl::StartsWithIgnoreCase(text, "https://")) {
    return std::string(target);
  }
  const std::size_t path = target.find_first_of("/?", target.find("//") + 2);
  if (path == target.npos) return "/";
  return (target[path] == '/' ? "" : "/") + std::string(target.substr(path));
}

std::string_view Trimmed(std::string_view text) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace({text.data(), text.size()});
  return {trimmed.data(), trimmed.size()};
}

int FaultOfLength(std::string_view value, bool repeated) {
  std::size_t length = 0;
  const char* end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, length);
  if (value.empty() || parsed.ptr != end || repeated) return 400;
  return parsed.ec != std::errc() || length > kMaxBodyBytes ? 413 : 0;
}

// Reads one header line into `head`; returns the status of a refusal, or 0.
int ReadHeader(std::string_view line, RequestHead& head) {
  const auto colon = line.find(':');
  if (colon == line.npos || colon == 0) return 400;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trimmed(line.substr(colon + 1));
  // Space before the colon and folded lines allow request smuggling.
  if (name.find_first_of(" \t") != name.npos || std::ranges::any_of(name, IsControl)) return 400;
  if (std::ranges::any_of(value, [](char c) { return IsControl(c) && c != '\t'; })) return 400;
  if (EqualsIgnoreCase(name, "Transfer-Encoding")) return 411;
  if (EqualsIgnoreCase(name, "Authorization") && head.authorization.empty()) {
    head.authorization = std::string(value);
  }
  if (!EqualsIgnoreCase(name, "Content-Length")) return 0;
  return FaultOfLength(value, std::exchange(head.announces_body, true));
}

bool IsRemoved(std::string_view name) {
  constexpr std::array<std::string_view, 3> kRemoved = {"Range", "Expect", "Content-Type"};
  return std::ranges::any_of(kRemoved,
                             [&](auto removed) { return EqualsIgnoreCase(name, removed); });
}

int Prepare(std::string& head, RequestHead& prepared) {
  bool needs_host = false;
  int hosts = 0;
  std::string_view rest = head;
  std::string rewritten;
  rewritten.reserve(head.size());
  for (std::size_t lines = 0; rest.size() > 2; ++lines) {
    const std::size_t length = rest.find("\r\n");
    const std::string_view line = rest.substr(0, length);
    rest.remove_prefix(length + 2);
    if (line.size() > kMaxLineBytes || lines >= kMaxHeadLines) return 431;
    if (lines == 0) {
      const std::optional<std::string_view> target = TargetOf(line);
      if (!target) return 400;
      needs_host = line.ends_with("1.1");
      prepared.path = std::string(target->substr(0, target->find('?')));
      rewritten.append(line.substr(0, line.find(' ') + 1)).append(OriginForm(*target));
      rewritten.append(line.substr(line.rfind(' '))).append("\r\n");
      continue;
    }
    if (const int refusal = ReadHeader(line, prepared)) return refusal;
    const std::string_view name = line.substr(0, line.find(':'));
    if (EqualsIgnoreCase(name, "Host")) ++hosts;
    if (!IsRemoved(name)) rewritten.append(line).append("\r\n");
  }
  if (hosts > 1 || (needs_host && hosts == 0)) return 400;  // RFC 9112, 3.2
  head = rewritten.append("\r\n");
  return 0;
}

}  // namespace

RequestHead PrepareHead(std::string& head) {
  RequestHead prepared;
  const int refusal = Prepare(head, prepared);
  return refusal == 0 ? prepared : RefuseHead(head, refusal);
}

RequestHead RefuseHead(std::string& head, int status) {
  head = "GET / HTTP/1.1\r\n\r\n";
  return {.refusal = status};
}

namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kChunkBytes = 16 * 1024;   // read at once; a TLS record
constexpr std::size_t kGatherBytes = 16 * 1024;  // smaller writes are sent together

}  // namespace

void ConnectionStream::Free::operator()(ssl_st* session) const { SSL_free(session); }

ConnectionStream::ConnectionStream(Connection& connection, const ConnectionDeadlines& deadlines,
                                   std::shared_ptr<const TlsServer> tls,
                                   std::function<void()> blocked)
    : connection_(connection),
      deadlines_(deadlines),
      blocked_(std::move(blocked)),
      tls_(std::move(tls)),
      session_(tls_ ? tls_->NewSession(connection.fd) : nullptr) {}

ConnectionStream::~ConnectionStream() = default;

ConnectionStream::Io ConnectionStream::Classify(int result) const {
  const int error = SSL_get_error(session_.get(), result);
  ERR_clear_error();
  if (error == SSL_ERROR_WANT_READ) return Io::kWantRead;
  return error == SSL_ERROR_WANT_WRITE ? Io::kWantWrite : Io::kBroken;
}

bool ConnectionStream::Await(Io wanted, Time deadline) const {
  pollfd socket{.fd = connection_.fd, .events = POLLIN, .revents = 0};
  if (wanted == Io::kWantWrite) socket.events = POLLOUT;
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - SteadyClock::now()).count();
    if (left <= 0) return false;
    const int ready = ::poll(&socket, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

namespace {

// Sets `*done` when the server sends the message that follows its signature: Finished in TLS 1.3,
// ServerHelloDone in TLS 1.2.
void NoteSignature(int sent, int, int type, const void* message, std::size_t size, SSL*,
                   void* done) {
  if (sent == 0 || type != SSL3_RT_HANDSHAKE || size == 0) return;
  const auto kind = *static_cast<const std::uint8_t*>(message);
  if (kind == SSL3_MT_FINISHED || kind == SSL3_MT_SERVER_DONE) *static_cast<bool*>(done) = true;
}

}  // namespace

// Looks at the start of the first record (RFC 8446, 4 and 5.1): OpenSSL allocates as much as a
// ClientHello announces, up to 128 KiB.
ConnectionStream::Outcome ConnectionStream::AwaitClientHello(Time deadline) {
  constexpr std::uint8_t kHandshakeRecord = 22;
  constexpr unsigned kMaxHelloBytes = 16 * 1024;
  std::array<std::uint8_t, 9> start{};  // of the record: type, version, length; then type, length
  const auto lowest = [this](int bytes) {  // number of bytes for which poll returns
    ::setsockopt(connection_.fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
  };
  lowest(start.size());
  if (!Await(Io::kWantRead, deadline)) return Outcome::kSlow;
  lowest(1);
  const ssize_t got = ::recv(connection_.fd, start.data(), start.size(), MSG_PEEK);
  if (got <= 0) return Outcome::kEnded;
  if (start[0] != kHandshakeRecord) {
    session_.reset();
    plain_on_tls_ = true;
    return Outcome::kOk;
  }
  const unsigned announced = unsigned{start[6]} << 16U | unsigned{start[7]} << 8U | start[8];
  return got == start.size() && announced <= kMaxHelloBytes ? Outcome::kOk : Outcome::kTls;
}

ConnectionStream::Outcome ConnectionStream::Handshake(RequestGate& one_at_a_time) {
  if (!tls_) return Outcome::kOk;
  if (!session_) return Outcome::kTls;  // out of memory: no fallback to plain
  const Time deadline = opened_ + deadlines_.read;
  const Outcome hello = AwaitClientHello(deadline);
  if (hello != Outcome::kOk || plain_on_tls_) return hello;
  SSL_set_msg_callback(session_.get(), NoteSignature);
  SSL_set_msg_callback_arg(session_.get(), &signed_);
  while (true) {
    const bool may_sign = !signed_;
    if (may_sign) {
      const RequestGate::Outcome turn = one_at_a_time.Enter(connection_, deadline);
      if (turn == RequestGate::Outcome::kGone) return Outcome::kEnded;
      if (turn == RequestGate::Outcome::kBusy) return Outcome::kSlow;
    }
    const int result = SSL_do_handshake(session_.get());
    const Io io = result == 1 ? Io::kDone : Classify(result);
    if (may_sign) one_at_a_time.Leave();
    if (io == Io::kDone) return Outcome::kOk;
    if (io == Io::kBroken) return Outcome::kTls;
    if (!Await(io, deadline)) return Outcome::kSlow;  // even if data is there after the deadline
  }
}

ConnectionStream::Io ConnectionStream::TryReceive(char* to, std::size_t size, std::size_t& got) {
  if (session_) {
    const int result = SSL_read_ex(session_.get(), to, size, &got);
    return result == 1 ? Io::kDone : Classify(result);
  }
  const ssize_t result = ::recv(connection_.fd, to, size, 0);
  if (result < 0) return errno == EAGAIN || errno == EINTR ? Io::kWantRead : Io::kBroken;
  got = static_cast<std::size_t>(result);
  return got > 0 ? Io::kDone : Io::kBroken;
}

ConnectionStream::Outcome ConnectionStream::Receive(Time deadline) {
  std::array<char, kChunkBytes> chunk;
  while (true) {
    std::size_t got = 0;
    const Io io = TryReceive(chunk.data(), chunk.size(), got);
    if (io == Io::kDone) {
      received_.append(chunk.data(), got);
      connection_.active = SteadyClock::now();
      return Outcome::kOk;
    }
    if (io == Io::kBroken) return Outcome::kEnded;
    if (!Await(io, deadline)) return Outcome::kSlow;
  }
}

ConnectionStream::Outcome ConnectionStream::AwaitHead() {
  prepared_ = {};
  read_ = 0;
  write_by_ = Time::max();
  bool begun = first_ || !received_.empty();
  Time deadline = std::exchange(first_, false)
                      ? opened_ + deadlines_.read
                      : SteadyClock::now() + (begun ? deadlines_.read : deadlines_.idle);
  std::size_t searched = 0;
  while (true) {
    const std::size_t end =
        std::string_view(received_).substr(0, kMaxHeadBytes).find("\r\n\r\n", searched);
    if (end != received_.npos) {
      head_ = received_.substr(0, end + 4);
      received_.erase(0, end + 4);
      prepared_ = PrepareHead(head_);
      break;
    }
    if (received_.size() >= kMaxHeadBytes) {
      prepared_ = RefuseHead(head_, 431);
      break;
    }
    searched = received_.size() < 4 ? 0 : received_.size() - 3;
    const Outcome outcome = Receive(deadline);
    if (outcome == Outcome::kSlow && !begun) return Outcome::kEnded;
    if (outcome != Outcome::kOk) return outcome;
    if (!std::exchange(begun, true)) deadline = SteadyClock::now() + deadlines_.read;
  }
  if (received_.empty()) received_.shrink_to_fit();
  if (plain_on_tls_) {
    prepared_.refusal = 400;
    prepared_.explanation = "400 this port expects HTTPS\n";
  }
  return Outcome::kOk;
}

ssize_t ConnectionStream::read(char* to, size_t size) {
  size = head_.copy(to, size, read_);
  read_ += size;
  return static_cast<ssize_t>(size);
}

ssize_t ConnectionStream::write(const char* from, size_t size) {
  if (sending_ != Outcome::kOk) return -1;
  if (written_.size() + size <= kGatherBytes) {
    written_.append(from, size);
  } else if (!Send(std::exchange(written_, {}), {from, size})) {
    return -1;
  }
  return static_cast<ssize_t>(size);
}

ConnectionStream::Outcome ConnectionStream::Flush() {
  if (sending_ == Outcome::kOk) Send(std::exchange(written_, {}), {});
  return sending_;
}

ConnectionStream::Io ConnectionStream::TrySend(std::string_view first, std::string_view second,
                                               std::size_t& sent) {
  if (session_) {
    const std::string_view part = (first.empty() ? second : first).substr(0, kChunkBytes);
    const int result = SSL_write_ex(session_.get(), part.data(), part.size(), &sent);
    return result == 1 ? Io::kDone : Classify(result);
  }
  // sendmsg only reads what an iovec points to.
  std::array<iovec, 2> parts{{{const_cast<char*>(first.data()), first.size()},      // NOLINT
                              {const_cast<char*>(second.data()), second.size()}}};  // NOLINT
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  const ssize_t result = ::sendmsg(connection_.fd, &message, MSG_NOSIGNAL);
  if (result < 0) return errno == EAGAIN || errno == EINTR ? Io::kWantWrite : Io::kBroken;
  sent = static_cast<std::size_t>(result);
  return Io::kDone;
}

bool ConnectionStream::Send(std::string_view first, std::string_view second) {
  if (write_by_ == Time::max()) write_by_ = SteadyClock::now() + deadlines_.write;
  bool waited = false;
  while (!first.empty() || !second.empty()) {
    std::size_t sent = 0;
    const Io io = TrySend(first, second, sent);
    if (io == Io::kDone) {
      const std::size_t of_first = std::min(sent, first.size());
      first.remove_prefix(of_first);
      second.remove_prefix(sent - of_first);
      connection_.active = SteadyClock::now();
      continue;
    }
    if (!std::exchange(waited, true)) blocked_();
    if (io == Io::kBroken) {
      sending_ = Outcome::kEnded;
    } else if (!Await(io, write_by_)) {
      sending_ = Outcome::kSlow;
    }
    if (sending_ != Outcome::kOk) return false;
  }
  return true;
}

void ConnectionStream::Close() {
  constexpr milliseconds kLinger{1'000};
  const bool failed_handshake = session_ && SSL_is_init_finished(session_.get()) == 0;
  if (session_ && !failed_handshake) {
    SSL_shutdown(session_.get());
    ERR_clear_error();
  }
  ::shutdown(connection_.fd, SHUT_WR);
  const Time deadline = SteadyClock::now() + kLinger;
  const bool may_send = prepared_.refusal != 0 || prepared_.announces_body || failed_handshake;
  if (failed_handshake) session_.reset();  // further bytes are dropped undecrypted
  while (may_send && SteadyClock::now() < deadline && Receive(deadline) == Outcome::kOk) {
    received_.clear();
  }
}

void ConnectionStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip = connection_.address;
  port = 0;
}

void ConnectionStream::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

}  // namespace chatscale
