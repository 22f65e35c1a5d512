// ChatModel: the chat system as a queueing model, for demo mode, benchmarks and tests. Ingress
// replicas hold streams; processor replicas run the tasks of a queue. Discrete events in simulated
// seconds. Nothing is random in it: its user draws arrivals and durations.
#pragma once

#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <queue>
#include <string>
#include <vector>

#include "exporter/model/snapshot.h"

namespace chatscale {

// Random numbers that are the same on every machine for the same seed, as the standard library's
// distributions are not. SplitMix64 (Steele, Lea, Flood 2014): one addition and three mixing steps
// a draw.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  double Uniform() {                                    // in [0, 1)
    constexpr double kUnit = 1.0 / 9007199254740992.0;  // 2^-53
    return static_cast<double>(Next() >> 11) * kUnit;
  }
  double Exponential(double mean) { return -mean * std::log(1.0 - Uniform()); }
  int Poisson(double mean) {
    int count = 0;
    for (double at = Exponential(1); at < mean; at += Exponential(1)) ++count;
    return count;
  }
  // Median `median`; `sigma` is the standard deviation of the logarithm.
  double LogNormal(double median, double sigma) {
    constexpr double kTwoPi = 6.283185307179586;
    const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));  // Box-Muller
    return median * std::exp(sigma * radius * std::cos(kTwoPi * Uniform()));
  }

 private:
  std::uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

inline constexpr double kNever = std::numeric_limits<double>::infinity();

struct ModelReplica {
  int id = 0;
  int owner = 0, version = 0;  // of the workload that started it
  double ready_at = 0;         // accepts load from then on
  // Draining: removed once it has no load, not before `earliest` and not after `latest`.
  double earliest = 0, latest = kNever;
  bool draining = false;
  bool hung = false;                 // accepts nothing, and its tasks do not end
  int load = 0;                      // open streams, or running tasks
  double claims = 0, claims_at = 0;  // tasks it may start at that time

  bool Accepts(double now) const { return now >= ready_at && !draining && !hung; }
};

// The replicas of one service.
class ModelFleet {
 public:
  explicit ModelFleet(int slots_per_replica) : slots_per_replica_(slots_per_replica) {}

  int slots_per_replica() const { return slots_per_replica_; }
  const std::deque<ModelReplica>& replicas() const { return replicas_; }
  std::deque<ModelReplica>& replicas() { return replicas_; }
  ModelReplica& Add(double ready_at);
  ModelReplica* Find(int id);  // null: there is none

  int Staying() const;          // starting and ready ones
  int Ready(double now) const;  // started and not draining
  int Slots(double now) const { return Ready(now) * slots_per_replica_; }
  int AllSlots(double now) const;  // of draining replicas too, as Load() is
  int Load() const;

 private:
  int slots_per_replica_;
  int next_id_ = 0;
  std::deque<ModelReplica> replicas_;
};

struct ModelTask {
  double created = 0, started = 0;
  double seconds = 0;  // execution time
  UserType user{};
  std::string job;   // ID of a background job; empty: a chat task
  int replica = -1;  // -1: not running
};

struct ChatModelOptions {
  int streams_per_replica = 200;
  int slots_per_replica = 8;
  double claims_per_second = kNever;  // tasks that one replica starts; three at once at most
  // Callbacks.
  std::function<void(const ModelTask&)> started = [](const ModelTask&) {};
  std::function<void(const ModelTask&)> ended = [](const ModelTask&) {};
};

// Not thread-safe. Callbacks must not call it.
class ChatModel {
 public:
  ChatModel(ChatModelOptions options, double start);

  double now() const { return now_; }
  // Runs the events up to `now`; does nothing when that is past.
  void AdvanceTo(double now);

  ModelFleet& fleet(Service service) { return service == Service::kIngress ? ingress_ : proc_; }
  const ModelFleet& fleet(Service service) const {
    return service == Service::kIngress ? ingress_ : proc_;
  }
  // A replica that accepts load after `start_seconds`. References are valid until the next call.
  ModelReplica& Start(Service service, double start_seconds);
  void Drain(Service service, ModelReplica& replica, double earliest, double latest);  // seconds
  // Removes it: its tasks return to the head of the queue, its streams open on other replicas.
  void Kill(Service service, int id);
  // Starts replicas, or drains the youngest for at most `drain_seconds`.
  void SetDesired(Service service, int replicas, double start_seconds, double drain_seconds);

  void Submit(ModelTask task);  // at the end of the queue
  bool claiming = true;         // false: no task starts
  void LoseQueue();             // waiting tasks, and those of hung replicas
  const std::deque<ModelTask>& waiting() const { return waiting_; }
  const std::deque<ModelTask>& waiting_jobs() const { return jobs_; }
  template <typename Use>
  void EachRunning(const Use& use) const {
    for (const Running& running : running_) {
      if (running.task.replica >= 0) use(running.task);
    }
  }

  // For that long, on the replica with most room. False: all are full.
  bool OpenStream(double seconds);
  std::uint64_t streams_cut() const { return streams_cut_; }  // by removed replicas
  // Of those, without room on another replica.
  std::uint64_t streams_lost() const { return streams_lost_; }

 private:
  enum class EventKind { kWake, kTaskEnd, kStreamEnd };
  struct Event {
    double at = 0;
    std::uint64_t order = 0;  // of events at one time
    EventKind kind{};
    std::size_t subject = 0;
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  struct Running {
    ModelTask task;
    bool ends = false;  // its event is still to come
  };

  void Schedule(double at, EventKind kind, std::size_t subject = 0);
  void StartTasks();
  ModelReplica* ReplicaForTask();
  void Run(ModelTask task, ModelReplica& replica);
  void EndTask(std::size_t place);
  void EndStream(std::size_t place);
  void Retire(Service service);
  void Remove(Service service, const std::deque<ModelReplica>::iterator& replica);
  ModelReplica* Emptiest();

  const ChatModelOptions options_;
  double now_;
  std::uint64_t next_order_ = 0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  ModelFleet ingress_, proc_;
  std::deque<ModelTask> waiting_, jobs_;
  std::vector<Running> running_;
  std::vector<int> streams_;  // replica of each; -1: none
  std::vector<std::size_t> free_running_, free_streams_;
  std::uint64_t streams_cut_ = 0, streams_lost_ = 0;
};

}  // namespace chatscale
