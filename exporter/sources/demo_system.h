// How busy the simulated users are: a working day, and bursts. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <vector>

#include "exporter/model/snapshot.h"
#include "exporter/sources/demo_fleet.h"

namespace chatscale {

// Relative to the busiest hour, 0 to 1, at `seconds` since midnight (any day).
double DailyShape(double seconds);

// A time of unusual interest: users arrive, and ask, that much more often.
struct Burst {
  double from = 0, until = 0;  // seconds
  double factor = 1;
};

// A simulated chat system: users who open streams and ask, ingress replicas that hold the streams,
// a queue with admission, processor replicas that work it off.
//
// Discrete events in simulated time; the same seed gives the same history however AdvanceTo is
// stepped. Cost grows with events (about 100,000 a simulated day), memory with the last hour.
// Not thread-safe.

inline constexpr int kStreamsPerIngress = 200;  // two workers of 100
inline constexpr int kSlotsPerProc = 8;
inline constexpr int kTasksPerProc = 31;  // slots, less a tenth, and three times as many waiting

// Since the start.
struct DemoTotals {
  std::uint64_t asked = 0, finished = 0, rate_limited = 0, refused = 0, lost = 0;
  PerUserType<double> waited_seconds{};  // of finished tasks
  PerUserType<std::uint64_t> finished_of{};
  TimeHistogram wait, exec;  // of finished tasks
};

class DemoSystem {
 public:
  // Starts at `start` (Unix time), after an hour of history.
  DemoSystem(std::uint64_t seed, double start);

  // Plays events up to `now` (Unix time); does nothing when that is past already.
  void AdvanceTo(double now);

  // What an autoscaler would do; replicas start and drain from the present instant on.
  void SetDesired(int ingress, int proc);

  double now() const { return now_; }
  const DemoFleet& ingress() const { return ingress_; }
  const DemoFleet& proc() const { return proc_; }
  int Waiting() const;
  int QueueCapacity() const { return proc_.Ready(now_) * kTasksPerProc; }
  PerUserType<int> Depth() const;  // waiting and running
  // Whether a task of that user would be admitted.
  bool Accepts(UserType user) const;
  PerUserType<double> OldestWaiting() const;  // seconds; 0 where none waits
  const DemoTotals& totals() const { return totals_; }

  struct Rollings {
    Rolling rest, wait, exec;              // milliseconds, at the end of the request or task
    Rolling depth, pressure, streams;      // samples of a state
    Rolling rate_limited, refused, asked;  // one sample an event
    PoolHistory ingress_pools, proc_pools;
  };
  const Rollings& rollings() const { return rollings_; }

 private:
  enum class EventKind { kArrival, kAsk, kLeave, kTaskEnd, kSample };
  struct Event {
    double at = 0;
    std::uint64_t order = 0;  // ties: first scheduled, first played
    EventKind kind{};
    std::uint64_t subject = 0;  // a session, or a running task
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  struct Session {
    UserType user{};
    int replica = -1;  // -1: no stream
    double leave_at = 0;
  };
  struct Task {
    UserType user{};
    double created = 0, started = 0;
    int replica = -1;  // -1: not running
  };

  void Schedule(double at, EventKind kind, std::uint64_t subject = 0);
  void Play(const Event& event);
  void Arrive();
  void ScheduleAsk(std::uint64_t session, double mean_seconds);
  void Ask(std::uint64_t session);
  void Leave(std::uint64_t session);
  void StartTasks();
  void EndTask(std::uint64_t slot);
  void TakeSample();
  void MoveStreams();
  void TakeRestSample();
  double BurstFactor();

  Dice dice_;
  double now_;
  std::uint64_t next_order_ = 0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  Burst burst_;
  DemoFleet ingress_;
  DemoFleet proc_;
  std::vector<Session> sessions_;
  std::vector<std::uint64_t> free_sessions_;
  std::deque<Task> waiting_;
  std::vector<Task> running_;
  std::vector<std::uint64_t> free_tasks_;
  DemoTotals totals_;
  Rollings rollings_;
};

}  // namespace chatscale
