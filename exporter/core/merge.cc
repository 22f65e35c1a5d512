#include "exporter/core/merge.h"

#include <algorithm>

namespace chatscale {
namespace {

bool Known(const Latency& latency) {
  return std::any_of(latency.begin(), latency.end(),
                     [](const Percentiles& p) { return p.count || p.p95_seconds; });
}

bool Known(const Throttling& throttling) {
  return throttling.hour.throttled || throttling.windows[0].throttled;
}

// Fills what the service's own document left out.
void FillFrom(const Snapshot& other, bool other_is_proc, Snapshot& out) {
  for (const Service service : kServices) {
    if (!out.fleet[service].present) out.fleet[service] = other.fleet[service];
    if (!Known(out.throttling[service])) out.throttling[service] = other.throttling[service];
  }
  if (!out.sse.connections || (!out.sse.fleet_wide && other.sse.fleet_wide)) {
    if (other.sse.connections) out.sse = other.sse;
  }
  if (!Known(out.rest)) out.rest = other.rest;
  if (!out.queue.total) out.queue = other.queue;
  if (out.capacity.source.empty()) out.capacity = other.capacity;
  if (!out.db.limit && (other.db.limit || other_is_proc)) out.db = other.db;
  if (out.circuit_breakers.empty()) out.circuit_breakers = other.circuit_breakers;
  if (!out.gateway_proc.concurrent_per_process) out.gateway_proc = other.gateway_proc;
}

}  // namespace

Snapshot Merge(const PerService<const Snapshot*>& of) {
  const auto& [ingress, proc] = of;
  if (ingress == nullptr && proc == nullptr) return {};
  if (ingress == nullptr) return *proc;
  if (proc == nullptr) return *ingress;
  Snapshot out = *proc;
  out.fleet.ingress = ingress->fleet.ingress;
  out.sse = ingress->sse;
  out.rest = ingress->rest;
  out.throttling.ingress = ingress->throttling.ingress;
  FillFrom(*proc, true, out);
  FillFrom(*ingress, false, out);
  out.taken_at = std::min(ingress->taken_at, proc->taken_at);
  // Each service's own document speaks for its signals.
  out.malformed = {{ingress->malformed.ingress, proc->malformed.proc},
                   ingress->malformed.proc + ingress->malformed.other + proc->malformed.ingress +
                       proc->malformed.other};
  return out;
}

}  // namespace chatscale
