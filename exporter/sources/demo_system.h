// DemoSystem: simulated users of a ChatModel. They open streams and submit tasks, more by day than
// at night, and in bursts.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "exporter/model/snapshot.h"
#include "exporter/sources/demo_windows.h"

namespace chatscale {

// Relative to the busiest hour, 0 to 1, at `seconds` since midnight (any day).
double DailyShape(double seconds);

// A time of unusual interest: users arrive, and ask, that much more often.
struct Burst {
  double from = 0, until = 0;  // seconds
  double factor = 1;
};

inline constexpr double kStartSeconds = 90;
inline constexpr double kDrainSeconds = 120;
inline constexpr int kStreamsPerIngress = 200;  // two workers of 100
inline constexpr int kSlotsPerProc = 8;
inline constexpr int kTasksPerProc = 31;  // slots, less a tenth, and three times as many waiting

// Since the start.
struct DemoTotals {
  std::uint64_t attempted = 0, finished = 0, rate_limited = 0, refused = 0;
  PerUserType<double> waited_seconds{};  // of finished tasks
  PerUserType<std::uint64_t> finished_of{};
  TimeHistogram wait, exec;  // of finished tasks
};

// The same seed gives the same history however AdvanceTo is stepped. Cost grows with events (about
// 100,000 a simulated day), memory with the last hour. Not thread-safe.
class DemoSystem {
 public:
  // Starts at `start` (Unix time), after an hour of history.
  DemoSystem(std::uint64_t seed, double start);

  // Runs the events up to `now` (Unix time); does nothing when that is past.
  void AdvanceTo(double now);

  // As an autoscaler; replicas start and drain from now on.
  void SetDesired(int ingress, int proc);

  double now() const { return model_.now(); }
  const ModelFleet& ingress() const { return model_.fleet(Service::kIngress); }
  const ModelFleet& proc() const { return model_.fleet(Service::kProc); }
  int Waiting() const { return static_cast<int>(model_.waiting().size()); }
  int QueueCapacity() const { return proc().Ready(now()) * kTasksPerProc; }
  PerUserType<int> Depth() const;  // waiting and running
  bool Admits(UserType user) const;
  PerUserType<double> OldestWaiting() const;  // seconds; 0 where none waits
  const DemoTotals& totals() const { return totals_; }

  struct Rollings {
    Rolling rest, wait, exec;                  // milliseconds, at the end of the request or task
    Rolling depth, pressure, streams;          // samples of a state
    Rolling rate_limited, refused, attempted;  // one sample an event
    PoolHistory ingress_pools, proc_pools;
  };
  const Rollings& rollings() const { return rollings_; }

 private:
  enum class EventKind { kArrival, kSubmit, kSample };
  struct Event {
    double at = 0;
    std::uint64_t order = 0;  // of events at one time
    EventKind kind{};
    UserType user{};      // of a session that submits a task
    double leave_at = 0;  // the same
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  void Schedule(Event event);
  void ScheduleSubmit(UserType user, double leave_at, double mean_seconds);
  void Arrive();
  void Submit(UserType user, double leave_at);
  void Ended(const ModelTask& task);
  void TakeSample();
  void TakeRestSample();
  double BurstFactor();

  Dice dice_;
  ChatModel model_;
  std::uint64_t next_order_ = 0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  Burst burst_;
  DemoTotals totals_;
  Rollings rollings_;
};

}  // namespace chatscale
