// All open connections of the listener, and which one to evict when the table is full. Thread-safe.
//
// The connection to evict is chosen by class (see ConnectionClass); each lower class keeps a
// quarter of the table, so that new clients get in beside many known ones. Within a class: first
// those whose last response was not 200, then those of the network with most connections of that
// class (an IPv6 network is a /64), then the one idle for longest.
#pragma once

#include <array>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "exporter/metrics/self_metrics.h"
#include "exporter/server/connection.h"

namespace chatscale {

class ConnectionTable {
 public:
  // `max_unsent_bytes`: bodies that clients do not read; a shared one counts once. `self` gets the
  // number of open connections, and of rejected ones by reason.
  ConnectionTable(std::size_t max_connections, std::size_t max_unsent_bytes, SelfMetrics& self);

  // Adds an accepted socket; evicts another when the table is full. Waits while evicted connections
  // have not closed their sockets. Null: that took longer than a second, or the listener stops.
  std::shared_ptr<Connection> Add(int fd, ConnectionClass rank);
  // Closes the socket. `reason`: why we closed it; "" when the client did.
  void Remove(const std::shared_ptr<Connection>& connection, std::string_view reason);

  // Evicts as when the table is full, but not `connection`.
  void EvictInPlaceOf(const Connection& connection);

  // False: the connection was evicted, or the listener stops and `stage` is kReading.
  bool Enter(Connection& connection, ConnectionStage stage);
  void SetClass(Connection& connection, ConnectionClass rank);
  void SetLastResponse(Connection& connection, bool ok);
  // The client does not read `body` (null: nothing to count). Above max_unsent_bytes, and beyond a
  // few bodies, other connections that do not read are evicted.
  void HoldUnsent(Connection& connection, std::shared_ptr<const std::string> body);

  void Count(std::string_view reason);

  // No connection reads another request. Those that are reading now are shut down.
  void StopReading();
  // Shuts down the others.
  void ShutDownAll();
  // False: some are still open at `deadline`.
  bool AwaitEmpty(Connection::Time deadline);

 private:
  // These require the mutex to be held.
  void Counted() { connections_.Set(static_cast<double>(open_.size())); }
  // Null: there is none.
  Connection* Victim(const Connection* except, bool writing) const;
  void Evict(Connection& connection);
  bool TooMuchUnsent() const;
  void Join(Connection& connection, ConnectionClass rank);
  void Leave(const Connection& connection);

  const std::size_t max_connections_;
  const std::size_t max_unsent_bytes_;
  prometheus::Gauge& connections_;
  prometheus::Family<prometheus::Counter>& rejected_;

  std::mutex mutex_;
  std::condition_variable removed_;
  std::set<std::shared_ptr<Connection>> open_ ABSL_GUARDED_BY(mutex_);
  std::size_t closing_ ABSL_GUARDED_BY(mutex_) = 0;  // evicted, with the socket still open
  std::array<std::size_t, 3> in_class_ ABSL_GUARDED_BY(mutex_) = {};
  std::map<std::pair<std::string, ConnectionClass>, std::size_t> in_network_
      ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace chatscale
