// Reads requests from many connections and writes their answers, all on one thread. A client costs
// memory while it is slow, never a thread: only whole requests reach the workers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "exporter/web/connection.h"
#include "exporter/web/worker_pool.h"

namespace chatscale {

struct Answer {
  std::string bytes;   // status line, headers and body
  bool close = false;  // no further request on this connection
};

struct ConnectionLoopOptions {
  std::size_t max_connections = 512;
  // Total time for one request to arrive, for an answer to be taken, and between two requests.
  std::chrono::milliseconds read_deadline{5'000};
  std::chrono::milliseconds write_deadline{10'000};
  std::chrono::milliseconds idle_deadline{75'000};
  std::chrono::milliseconds stop_grace{2'000};  // for answers under way when stopping
  int workers = 4;
};

class ConnectionLoop {
 public:
  // Called on a worker with one whole request.
  using Handler = std::function<Answer(std::string_view request, const std::string& remote_ip)>;

  ConnectionLoop(ConnectionLoopOptions options, Handler handler);
  ~ConnectionLoop();

  // Takes over the socket `fd`. Any thread. Over the cap, the connection that has waited longest
  // without a whole request goes; when all are being answered, the new one.
  void Adopt(int fd);

  // Ends all connections; answers under way get the grace. Idempotent.
  void Stop();

  std::size_t connections() const;
  // Connections ended by us, by reason: slow, too_large, malformed, evicted, full.
  std::map<std::string, std::uint64_t> rejected() const;

 private:
  using Time = Connection::Time;

  void Run();
  void TakeMail();
  void Admit(int fd);
  bool EvictOne();
  void OnReady(Connection& connection, std::uint32_t events);
  void Read(Connection& connection);
  void Advance(Connection& connection);
  void Dispatch(Connection& connection, std::size_t length);
  void Refuse(Connection& connection, int status);
  void StartWriting(Connection& connection, Answer answer);
  void Write(Connection& connection);
  void Enter(Connection& connection, Connection::State state, std::chrono::milliseconds allowed);
  void Sweep(Time now);
  void Drop(Connection& connection);
  void Count(const std::string& reason);
  void Wake();

  const ConnectionLoopOptions options_;
  const Handler handler_;
  int epoll_ = -1;
  int wake_ = -1;

  // The loop thread's own.
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> open_;
  std::uint64_t next_id_ = 1;  // 0 is the wake-up descriptor

  mutable absl::Mutex mutex_;
  std::vector<int> arrived_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<std::uint64_t, Answer>> answered_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::uint64_t> rejected_ ABSL_GUARDED_BY(mutex_);
  std::size_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::unique_ptr<WorkerPool> workers_;
  std::thread thread_;
};

}  // namespace chatscale
