#include "exporter/recommendations/signals_of.h"

#include <algorithm>

#include "exporter/model/capacity.h"
#include "exporter/model/fleet_count.h"

namespace chatscale {
namespace {

MaybeNumber Product(MaybeNumber a, MaybeNumber b) {
  if (!a || !b) return std::nullopt;
  return *a * *b;
}

void FillSample(const ServiceFleet& fleet, const FleetCount& count, int malformed,
                std::optional<absl::Time> sampled_at, recommender::SampleSignals& out) {
  out.sampled_at = sampled_at;
  out.partial = malformed > 0;
  out.current_replicas = count.replicas;
  out.draining_replicas = count.draining_replicas;
  for (const PoolUse& pool : fleet.pools) {
    if (pool.utilization) {
      out.pool_utilization = std::max(out.pool_utilization.value_or(0), *pool.utilization);
    }
  }
  out.postgres_connections_per_replica = fleet.postgres_connections_per_instance;
  out.redis_connections_per_replica =
      Product(fleet.redis_connections_per_process, fleet.processes_per_instance);
}

// Per worker, so that workers missing from the sums (D10) do not make a replica look smaller.
MaybeNumber StreamsPerReplica(const SseLoad& sse, const FleetCount& count) {
  if (!sse.limit || !sse.workers || *sse.limit <= 0 || *sse.workers <= 0) return std::nullopt;
  return Product(*sse.limit / *sse.workers, count.processes_per_replica);
}

MaybeNumber SlotsPerReplica(const Snapshot& snapshot, const FleetCount& count) {
  if (count.slots_per_replica) return count.slots_per_replica;
  const MaybeNumber own = Product(snapshot.fleet.proc.processes_per_instance,
                                  snapshot.fleet.proc.concurrency_per_process);
  if (own) return own;
  return Product(snapshot.gateway_proc.processes_per_instance,
                 snapshot.gateway_proc.concurrent_per_process);
}

void FillSlots(const FleetCount& count, recommender::ProcSignals& proc) {
  proc.busy_slots = count.running;
  proc.draining_load = count.draining_load;
  // An unknown load of one instance makes the sum partial.
  proc.partial = proc.partial || (count.replicas && !count.running);
  if (!count.slots || !count.running) return;
  proc.live_slots = count.slots;
  proc.free_slots = count.free_slots;
  proc.free_processes = count.free_processes;
  proc.free_load = count.free_load;
  proc.idle_replicas = count.idle_replicas;
}

MaybeNumber Oldest(const PerUserType<MaybeNumber>& ages) {
  MaybeNumber oldest;
  for (const MaybeNumber& age : ages) {
    if (age) oldest = std::max(oldest.value_or(0), *age);
  }
  return oldest;
}

}  // namespace

recommender::Signals SignalsOf(const Snapshot& snapshot, const SignalTimes& times) {
  recommender::Signals out;
  out.now = times.now;
  const auto minute = static_cast<std::size_t>(Window::k1m);

  recommender::IngressSignals& ingress = out.ingress;
  const FleetCount ingress_count = CountFleet(snapshot.fleet.ingress);
  FillSample(snapshot.fleet.ingress, ingress_count, snapshot.malformed.ingress, times.at.ingress,
             ingress);
  if (!snapshot.sse.IsWhole()) {
    ingress.streams_at_least = snapshot.sse.connections;
  } else {
    if (snapshot.sse.fleet_wide) ingress.streams = snapshot.sse.connections;
    ingress.stream_capacity = snapshot.sse.limit;
    if (ingress.stream_capacity) *ingress.stream_capacity -= snapshot.sse.draining_limit;
  }
  ingress.streams_per_replica = StreamsPerReplica(snapshot.sse, ingress_count);
  ingress.rest_p95_seconds = snapshot.rest[minute].p95_seconds;
  ingress.rest_samples = snapshot.rest[minute].count;

  recommender::ProcSignals& proc = out.proc;
  const QueueLoad& queue = snapshot.queue;
  const FleetCount proc_count = CountFleet(snapshot.fleet.proc);
  FillSample(snapshot.fleet.proc, proc_count, snapshot.malformed.proc, times.at.proc, proc);
  FillSlots(proc_count, proc);
  proc.queue_total = queue.total;
  proc.waiting = queue.waiting;
  proc.in_flight = queue.in_flight;
  proc.queue_capacity = EffectiveCapacity(queue.capacity);
  proc.jobs_waiting = queue.jobs_waiting;
  proc.jobs_claimed = queue.jobs_claimed;
  proc.wait_p95_seconds = queue.wait[minute].p95_seconds;
  proc.wait_samples = queue.wait[minute].count;
  proc.oldest_waiting_seconds = Oldest(queue.oldest_waiting_seconds);
  proc.exec_p50_seconds = queue.exec[minute].p50_seconds;
  proc.exec_p95_seconds = queue.exec[minute].p95_seconds;
  proc.exec_samples = queue.exec[minute].count;
  proc.completed = queue.exec[minute].count;
  proc.refused = snapshot.throttling.ingress.windows[minute].backpressure_503;
  proc.admitted_tasks = snapshot.counts.admitted_tasks;
  proc.finished_tasks = snapshot.counts.finished;
  proc.slots_per_replica = SlotsPerReplica(snapshot, proc_count);
  proc.processes_per_replica = proc_count.processes_per_replica;

  out.shared.postgres_limit = snapshot.db.limit;
  return out;
}

}  // namespace chatscale
