// The replicas of one simulated service: they need time to start, and drain before they go.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace chatscale {

inline constexpr double kStartSeconds = 90;
inline constexpr double kDrainSeconds = 120;  // after which what is left is cut off

struct Replica {
  int number = 0;
  double ready_at = 0;     // seconds; takes load from then on
  double drain_until = 0;  // 0: not draining
  int load = 0;            // open streams, or running tasks
  bool draining() const { return drain_until > 0; }
};

class Fleet {
 public:
  Fleet(int replicas, int slots_per_replica, double now);

  // Starts replicas, or drains the youngest.
  void SetDesired(int replicas, double now);
  // Removes replicas that have drained, or were told to long enough ago; the load they still had.
  int Retire(double now);

  // The replica with the least load that can take more; null when there is none.
  Replica* LeastLoaded(double now);
  Replica* Find(int number);  // null when there is none
  bool Has(int number) const;

  int Ready(double now) const;  // started and not draining
  int Slots(double now) const { return Ready(now) * slots_per_replica_; }
  // Draining ones too: what Load is a share of.
  int AllSlots(double now) const;
  int Load() const;
  int slots_per_replica() const { return slots_per_replica_; }
  const std::vector<Replica>& replicas() const { return replicas_; }

 private:
  std::vector<Replica> replicas_;
  int slots_per_replica_;
  int next_number_ = 0;
};

}  // namespace chatscale
