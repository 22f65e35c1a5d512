#include "exporter/sources/simulator/fleet.h"

#include <algorithm>

namespace chatscale {

Fleet::Fleet(int replicas, int slots_per_replica, double now)
    : slots_per_replica_(slots_per_replica) {
  for (int i = 0; i < replicas; ++i) {
    replicas_.push_back({.number = next_number_++, .ready_at = now});
  }
}

void Fleet::SetDesired(int replicas, double now) {
  auto wanted = static_cast<std::size_t>(std::max(replicas, 0));
  const auto staying = [](const Replica& replica) { return !replica.draining(); };
  auto have = static_cast<std::size_t>(std::count_if(replicas_.begin(), replicas_.end(), staying));
  for (; have < wanted; ++have) {
    replicas_.push_back({.number = next_number_++, .ready_at = now + kStartSeconds});
  }
  for (auto replica = replicas_.rbegin(); replica != replicas_.rend() && have > wanted; ++replica) {
    if (replica->draining()) continue;
    replica->drain_until = now + kDrainSeconds;
    --have;
  }
}

int Fleet::Retire(double now) {
  int cut = 0;
  std::erase_if(replicas_, [&](const Replica& replica) {
    if (!replica.draining() || (replica.load > 0 && now < replica.drain_until)) return false;
    cut += replica.load;
    return true;
  });
  return cut;
}

Replica* Fleet::LeastLoaded(double now) {
  Replica* best = nullptr;
  for (Replica& replica : replicas_) {
    if (replica.draining() || now < replica.ready_at || replica.load >= slots_per_replica_)
      continue;
    if (best == nullptr || replica.load < best->load) best = &replica;
  }
  return best;
}

bool Fleet::Has(int number) const {
  return std::any_of(replicas_.begin(), replicas_.end(),
                     [number](const Replica& r) { return r.number == number; });
}

Replica* Fleet::Find(int number) {
  const auto found = std::find_if(replicas_.begin(), replicas_.end(),
                                  [number](const Replica& r) { return r.number == number; });
  return found == replicas_.end() ? nullptr : &*found;
}

int Fleet::Ready(double now) const {
  return static_cast<int>(std::count_if(
      replicas_.begin(), replicas_.end(),
      [now](const Replica& replica) { return !replica.draining() && now >= replica.ready_at; }));
}

int Fleet::AllSlots(double now) const {
  const auto started =
      std::count_if(replicas_.begin(), replicas_.end(),
                    [now](const Replica& replica) { return now >= replica.ready_at; });
  return static_cast<int>(started) * slots_per_replica_;
}

int Fleet::Load() const {
  int load = 0;
  for (const Replica& replica : replicas_) load += replica.load;
  return load;
}

}  // namespace chatscale
