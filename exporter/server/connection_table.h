// All open connections of the listener: which one goes when there are too many. Thread-safe.
//
// When the table is full, the connection to evict is chosen by class (see ConnectionClass); each
// lower class keeps a quarter of the table, so that newcomers get in beside many known clients.
// Within a class: first those whose last response was not 200, then those of the network with most
// connections of that class (an IPv6 network is a /64), then the one silent for longest.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "exporter/metrics/self_metrics.h"
#include "exporter/server/connection.h"

namespace chatscale {

class ConnectionTable {
 public:
  // `max_unsent_bytes`: of bodies that clients do not read; one shared by many counts once.
  // `self` has how many are open, and how many we ended, by reason.
  ConnectionTable(std::size_t max_connections, std::size_t max_unsent_bytes, SelfMetrics& self);

  // Takes in an accepted socket; evicts another where the table is full. Null: all others are being
  // handled. Waits while evicted connections have not closed their sockets.
  std::shared_ptr<Connection> Add(int fd, ConnectionClass rank);
  // Closes the socket. `reason`: why we ended it; "" when the client did.
  void Remove(const std::shared_ptr<Connection>& connection, std::string_view reason);

  // As where the table is full.
  void EvictOne();

  // False: the connection was evicted, or the listener stops and `stage` is kReading.
  bool Enter(Connection& connection, ConnectionStage stage);
  void SetClass(Connection& connection, ConnectionClass rank);
  void SetAnswered(Connection& connection, bool well);
  // The client does not read `body` (null: nothing to count). Beyond the budget, others that do not
  // read are evicted.
  void HoldUnsent(Connection& connection, std::shared_ptr<const std::string> body);

  void Count(std::string_view reason);

  // No connection reads another request. Those that read now are shut down.
  void StopReading();
  // Shuts down the rest.
  void ShutDownAll();
  // False: some are open at `deadline`.
  bool AwaitEmpty(Connection::Time deadline);

 private:
  // These need the lock.
  void Counted() { connections_.Set(static_cast<double>(open_.size())); }
  Connection* Victim(const Connection* writing_beside) const;
  void Evict(Connection& connection);
  std::size_t UnsentBytes() const;
  void Join(Connection& connection, ConnectionClass rank);
  void Leave(const Connection& connection);

  const std::size_t max_connections_;
  const std::size_t max_unsent_bytes_;
  prometheus::Gauge& connections_;
  prometheus::Family<prometheus::Counter>& rejected_;

  std::mutex mutex_;
  std::condition_variable removed_;
  std::set<std::shared_ptr<Connection>> open_ ABSL_GUARDED_BY(mutex_);
  std::size_t closing_ ABSL_GUARDED_BY(mutex_) = 0;  // evicted; the socket is still open
  std::array<std::size_t, 3> in_class_ ABSL_GUARDED_BY(mutex_) = {};
  std::map<std::string, std::size_t> in_network_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace chatscale
