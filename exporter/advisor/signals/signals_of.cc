#include "exporter/advisor/signals/signals_of.h"

#include <algorithm>
#include <cmath>

#include "exporter/core/queue_capacity.h"

namespace chatscale {
namespace {

MaybeNumber Product(MaybeNumber a, MaybeNumber b) {
  if (!a || !b) return std::nullopt;
  return *a * *b;
}

// Live and not leaving. Whether a process is healthy decides nothing: a busy one is marked degraded
// or unhealthy (D1, D2), an ingress process for the rest of its life (D24), and both serve.
MaybeNumber CurrentReplicas(const ServiceFleet& fleet) {
  if (!fleet.present) return std::nullopt;
  double count = 0;
  for (const Instance& instance : fleet.instance_list) {
    const bool live = instance.processes.value_or(0) > instance.stale_processes.value_or(0);
    if (live && !instance.draining.value_or(false)) ++count;
  }
  return count;
}

void FillSample(const ServiceFleet& fleet, int malformed, std::optional<absl::Time> sampled_at,
                recommender::SampleSignals& out) {
  out.sampled_at = sampled_at;
  out.partial = malformed > 0;
  out.current_replicas = CurrentReplicas(fleet);
  out.postgres_connections_per_replica = fleet.postgres_connections_per_instance;
  out.redis_connections_per_replica =
      Product(fleet.redis_connections_per_process, fleet.processes_per_instance);
}

// By worker, so that workers missing from the sums (D10) do not make a replica look smaller.
MaybeNumber StreamsPerReplica(const Snapshot& snapshot) {
  const SseLoad& sse = snapshot.sse;
  if (!sse.limit || !sse.workers || *sse.limit <= 0 || *sse.workers <= 0) return std::nullopt;
  return Product(*sse.limit / *sse.workers, snapshot.fleet.ingress.processes_per_instance);
}

MaybeNumber SlotsPerReplica(const Snapshot& snapshot) {
  const MaybeNumber own = Product(snapshot.fleet.proc.processes_per_instance,
                                  snapshot.fleet.proc.concurrency_per_process);
  if (own) return own;
  return Product(snapshot.gateway_proc.processes_per_instance,
                 snapshot.gateway_proc.concurrent_per_process);
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
  FillSample(snapshot.fleet.ingress, snapshot.malformed.ingress, times.at.ingress, ingress);
  if (!snapshot.sse.IsWhole()) {
    ingress.streams_at_least = snapshot.sse.connections;
  } else {
    if (snapshot.sse.fleet_wide) ingress.streams = snapshot.sse.connections;
    ingress.stream_capacity = snapshot.sse.limit;
  }
  ingress.streams_per_replica = StreamsPerReplica(snapshot);
  ingress.rest_p95_seconds = snapshot.rest[minute].p95_seconds;
  ingress.rest_samples = snapshot.rest[minute].count;

  recommender::ProcSignals& proc = out.proc;
  const QueueLoad& queue = snapshot.queue;
  FillSample(snapshot.fleet.proc, snapshot.malformed.proc, times.at.proc, proc);
  proc.queue_total = queue.total;
  proc.waiting = queue.waiting;
  proc.in_flight = queue.in_flight;
  proc.busy_slots = snapshot.fleet.proc.load;
  proc.queue_capacity = EffectiveCapacity(queue.capacity);
  proc.pressure = EffectivePressure(queue.capacity);
  proc.recorded_mean_pressure = queue.window_pressure.mean[static_cast<std::size_t>(Window::k15m)];
  proc.utilization = EffectiveUtilization(queue.capacity);
  proc.wait_p95_seconds = queue.wait[minute].p95_seconds;
  proc.wait_samples = queue.wait[minute].count;
  proc.oldest_waiting_seconds = Oldest(queue.oldest_waiting_seconds);
  proc.exec_p50_seconds = queue.exec[minute].p50_seconds;
  proc.exec_p95_seconds = queue.exec[minute].p95_seconds;
  proc.exec_samples = queue.exec[minute].count;
  proc.completed = queue.exec[minute].count;
  proc.refused = snapshot.throttling.ingress.windows[minute].backpressure_503;
  proc.slots_per_replica = SlotsPerReplica(snapshot);
  proc.processes = snapshot.fleet.proc.processes;

  out.shared.postgres_limit = snapshot.db.limit;
  return out;
}

}  // namespace chatscale
