// Reads requests from many connections and writes their answers, all on one thread. A client costs
// memory while it is slow, never a thread: only whole requests reach the workers.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "exporter/web/listener/connection.h"
#include "exporter/web/listener/worker_pool.h"

namespace chatscale {

struct Answer {
  std::string bytes;                        // status line, headers and, if it is small, the body
  std::shared_ptr<const std::string> body;  // after them, shared by all who get it; may be null
  bool close = false;                       // no further request on this connection
};

struct ConnectionLoopOptions {
  std::size_t max_connections = 512;
  // Of answers that clients have not taken yet; a shared body counts once. Above, those who have
  // taken nothing for longest go.
  std::size_t max_unsent_bytes = 64UL << 20;
  // Total time for a handshake, for one request to arrive, for an answer to be taken, and between
  // two requests.
  std::chrono::milliseconds read_deadline{5'000};
  std::chrono::milliseconds write_deadline{10'000};
  std::chrono::milliseconds idle_deadline{75'000};
  std::chrono::milliseconds stop_grace{2'000};  // for answers under way when stopping
  int workers = 4;
};

// Whether a request is let in.
struct Entry {
  enum class Verdict { kOpen, kAsk, kRefused };
  Verdict verdict = Verdict::kOpen;
  Answer refusal;  // kRefused
};

class ConnectionLoop {
 public:
  struct Handler {
    // The server's side of TLS for a new connection, or null: plain. Empty: always plain.
    std::function<std::unique_ptr<TlsSession>()> tls;
    // Called before all else, on the loop's thread: whether who asks may. Must not block. May be
    // empty: everybody may.
    std::function<Entry(std::string_view request, const std::string& remote_ip)> enter;
    // Called on a thread of its own where `enter` says kAsk; may take long. nullopt: let in.
    std::function<std::optional<Answer>(std::string_view request, const std::string& remote_ip)>
        ask;
    // Called on a worker with one whole request.
    std::function<Answer(std::string_view request, const std::string& remote_ip)> answer;
    // Called first, on the loop's thread: an answer that is at hand already, else nullopt. Must not
    // block. May be empty.
    std::function<std::optional<Answer>(std::string_view request)> at_once;
    // True: the request goes to a worker of its own, which slow ones never hold up. May be empty.
    std::function<bool(std::string_view request)> express;
  };

  ConnectionLoop(const ConnectionLoopOptions& options, Handler handler);
  ~ConnectionLoop();

  // Takes over the socket `fd`; waits while the loop has others to take. Any other thread. Over the
  // cap, the connection goes that has been silent longest, be it that it sends no whole request or
  // takes no answer; when all are being answered, the new one.
  void Adopt(int fd);

  // Ends all connections; answers under way get the grace. Idempotent.
  void Stop();

  std::size_t connections() const;
  // Connections ended by us, by reason: slow, too_large, malformed, tls, evicted, full.
  std::map<std::string, std::uint64_t> rejected() const;

 private:
  using Time = Connection::Time;
  using State = Connection::State;

  void Run();
  void TakeMail();
  void Admit(int fd);
  bool EvictOne(const Connection* spared);
  void Hold(Connection& connection);
  void Release(Connection& connection);
  void OnReady(Connection& connection, std::uint32_t events);
  void Read(Connection& connection);
  void ShakeHands(Connection& connection);
  void HandsShaken(Connection& connection, const absl::StatusOr<bool>& done);
  void Advance(Connection& connection);
  // These tell whether a further request may be there: the connection is open, and reading.
  bool Dispatch(Connection& connection, std::size_t length);
  void Hand(const Connection& connection, std::string request, bool ask);
  void Work(std::uint64_t id, std::string request, std::string ip);
  void Deliver(std::uint64_t id, Answer answer);
  void Refuse(Connection& connection, int status, const std::string& body);
  bool StartWriting(Connection& connection, Answer answer);
  void Write(Connection& connection);
  bool Written(Connection& connection);
  void EraseIf(const std::function<bool(const Connection&)>& ends);
  int Patience(Time now, Time last_call) const;  // milliseconds
  void Enter(Connection& connection, State state, std::chrono::milliseconds allowed);
  void Switch(Connection& connection, State state);  // with the deadline that there is
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
  std::uint64_t next_id_ = 1;                           // 0 is the wake-up descriptor
  Time next_sweep_ = Time::max();                       // no deadline is earlier
  std::unordered_map<const std::string*, int> bodies_;  // unsent ones, and how many wait for each
  std::size_t unsent_bytes_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable taken_;  // what had arrived
  std::vector<int> arrived_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<std::uint64_t, Answer>> answered_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<std::uint64_t, absl::StatusOr<bool>>> shaken_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::uint64_t> rejected_ ABSL_GUARDED_BY(mutex_);
  std::size_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::unique_ptr<WorkerPool> workers_;
  std::unique_ptr<WorkerPool> express_;
  std::unique_ptr<WorkerPool> handshakes_;
  std::unique_ptr<WorkerPool> asked_;  // hands on to the first two
  std::thread thread_;
};

}  // namespace chatscale
