#include "exporter/server/connection_table.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace chatscale {
namespace {

std::size_t Index(ConnectionClass rank) { return static_cast<std::size_t>(rank); }

std::string PeerAddress(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  std::array<char, NI_MAXHOST> text{};
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::getpeername(fd, generic, &length) != 0) return "";
  const int failed =
      ::getnameinfo(generic, length, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
  return failed != 0 ? "" : text.data();
}

std::string NetworkOf(const std::string& address) {
  constexpr std::size_t kPrefixBytes = 8;
  in6_addr binary{};
  if (::inet_pton(AF_INET6, address.c_str(), &binary) != 1) return address;
  if (IN6_IS_ADDR_V4MAPPED(&binary)) return address;
  std::fill(binary.s6_addr + kPrefixBytes, std::end(binary.s6_addr), 0);
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(AF_INET6, &binary, text.data(), text.size());
}

}  // namespace

Connection::Connection(int socket)
    : fd(socket), address(PeerAddress(socket)), network(NetworkOf(address)) {}

ConnectionTable::ConnectionTable(std::size_t max_connections, std::size_t max_unsent_bytes,
                                 SelfMetrics& self)
    : max_connections_(max_connections),
      max_unsent_bytes_(max_unsent_bytes),
      connections_(self.Gauge("chat.exporter.http_connections").Add({})),
      rejected_(self.Counter("chat.exporter.http_rejected_connections_total")) {}

std::shared_ptr<Connection> ConnectionTable::Add(int fd, ConnectionClass rank) {
  constexpr std::size_t kMaxClosing = 8;       // open files beyond max_connections
  constexpr std::chrono::seconds kMaxWait{1};  // a handler may hang
  auto connection = std::make_shared<Connection>(fd);
  std::unique_lock lock(mutex_);
  const bool room = removed_.wait_for(lock, kMaxWait, [this] {
    return open_.size() + closing_ < max_connections_ + kMaxClosing || stopping_;
  });
  if (!room) Count("full");
  if (!room || stopping_) return nullptr;
  // Each takes OpenSSL's buffers, 60 KiB.
  constexpr std::size_t kFewHandshakes = 64;
  const bool many_handshakes =
      rank == ConnectionClass::kHandshaking &&
      in_class_[Index(rank)] >= std::max(kFewHandshakes, max_connections_ / 2);
  if (open_.size() >= max_connections_ || many_handshakes) {
    Evict(*Victim(nullptr, /*writing=*/false));
  }
  Join(*connection, rank);
  open_.insert(connection);
  Counted();
  return connection;
}

Connection* ConnectionTable::Victim(const Connection* except, bool writing) const {
  using Order = std::tuple<bool, ConnectionClass, bool, std::ptrdiff_t, bool, Connection::Time>;
  const std::size_t quarter = max_connections_ / 4;
  Connection* victim = nullptr;
  Order least;
  for (const auto& connection : open_) {
    if (connection.get() == except) continue;
    if (writing && connection->stage != ConnectionStage::kWriting) continue;
    const bool within_quarter = connection->rank != ConnectionClass::kTrusted &&
                                in_class_[Index(connection->rank)] <= quarter;
    const Order order{within_quarter,
                      connection->rank,
                      !connection->refused,
                      -static_cast<std::ptrdiff_t>(connection->peers->second),
                      connection->stage == ConnectionStage::kHandling,
                      connection->active.load()};
    if (victim == nullptr || order < least) {
      victim = connection.get();
      least = order;
    }
  }
  return victim;
}

void ConnectionTable::EvictInPlaceOf(const Connection& connection) {
  const std::lock_guard lock(mutex_);
  Connection* victim = Victim(&connection, /*writing=*/false);
  if (victim != nullptr) Evict(*victim);
}

void ConnectionTable::Join(Connection& connection, ConnectionClass rank) {
  connection.rank = rank;
  ++in_class_[Index(rank)];
  connection.peers = in_network_.try_emplace({connection.network, rank}, 0).first;
  ++connection.peers->second;
}

void ConnectionTable::Leave(const Connection& connection) {
  --in_class_[Index(connection.rank)];
  if (--connection.peers->second == 0) in_network_.erase(connection.peers);
}

void ConnectionTable::Evict(Connection& connection) {
  Count("evicted");
  connection.evicted = true;
  // Wakes its thread. A response that is being made is still sent.
  if (connection.stage != ConnectionStage::kHandling) ::shutdown(connection.fd, SHUT_RDWR);
  connection.wake.notify_one();
  connection.unsent.reset();
  Leave(connection);
  ++closing_;
  std::erase_if(open_, [&](const auto& open) { return open.get() == &connection; });
  Counted();
}

void ConnectionTable::Remove(const std::shared_ptr<Connection>& connection,
                             std::string_view reason) {
  {
    const std::lock_guard lock(mutex_);
    const bool was_open = open_.erase(connection) > 0;
    if (was_open && !reason.empty()) Count(reason);  // before the client sees the close
    ::close(connection->fd);  // with the mutex held: no shutdown of a reused descriptor
    if (was_open) {
      Leave(*connection);
      Counted();
    } else {
      --closing_;
    }
  }
  removed_.notify_all();
}

bool ConnectionTable::Enter(Connection& connection, ConnectionStage stage) {
  const std::lock_guard lock(mutex_);
  connection.stage = stage;
  return !connection.evicted && !(stopping_ && stage == ConnectionStage::kReading);
}

void ConnectionTable::SetClass(Connection& connection, ConnectionClass rank) {
  const std::lock_guard lock(mutex_);
  if (connection.evicted) return;
  Leave(connection);
  Join(connection, rank);
}

void ConnectionTable::SetLastResponse(Connection& connection, bool ok) {
  const std::lock_guard lock(mutex_);
  connection.refused = !ok;
  connection.unsent.reset();
}

bool ConnectionTable::TooMuchUnsent() const {
  constexpr std::size_t kFewBodies = 8;  // however large: the text of a thousand targets has 36 MB
  std::unordered_set<const std::string*> counted;
  std::size_t bytes = 0;
  for (const auto& connection : open_) {
    const std::string* body = connection->unsent.get();
    if (body != nullptr && counted.insert(body).second) bytes += body->size();
  }
  return bytes > max_unsent_bytes_ && counted.size() > kFewBodies;
}

void ConnectionTable::HoldUnsent(Connection& connection, std::shared_ptr<const std::string> body) {
  const std::lock_guard lock(mutex_);
  connection.stage = ConnectionStage::kWriting;
  if (connection.evicted) {
    ::shutdown(connection.fd, SHUT_RDWR);
    return;
  }
  connection.unsent = std::move(body);
  while (TooMuchUnsent()) {
    Connection* victim = Victim(&connection, /*writing=*/true);
    if (victim == nullptr) return;
    Evict(*victim);
  }
}

void ConnectionTable::Count(std::string_view reason) {
  rejected_.Add({{"reason", std::string(reason)}}).Increment();
}

void ConnectionTable::StopReading() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  removed_.notify_all();
  for (const auto& connection : open_) {
    if (connection->stage == ConnectionStage::kReading) ::shutdown(connection->fd, SHUT_RDWR);
  }
}

void ConnectionTable::ShutDownAll() {
  const std::lock_guard lock(mutex_);
  for (const auto& connection : open_) ::shutdown(connection->fd, SHUT_RDWR);
}

bool ConnectionTable::AwaitEmpty(Connection::Time deadline) {
  std::unique_lock lock(mutex_);
  return removed_.wait_until(lock, deadline, [this] { return open_.empty() && closing_ == 0; });
}

}  // namespace chatscale
