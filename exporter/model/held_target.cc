#include "exporter/model/held_target.h"

#include <algorithm>
#include <utility>

#include "exporter/model/clock.h"

namespace chatscale {

namespace {

bool Known(const Latency& latency) {
  return std::any_of(latency.begin(), latency.end(),
                     [](const Percentiles& p) { return p.count || p.p95_seconds; });
}

bool Known(const Throttling& throttling) {
  return throttling.hour.throttled || throttling.windows[0].throttled;
}

// Fills fields that the service's own document lacks.
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
  // Each service's own document determines its count.
  out.malformed = {{ingress->malformed.ingress, proc->malformed.proc},
                   ingress->malformed.proc + ingress->malformed.other + proc->malformed.ingress +
                       proc->malformed.other};
  return out;
}

HeldTarget::Part& HeldTarget::PartOf(const SourceSample& sample) {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) {
    return part.health.source == sample.source;
  });
  if (found != parts_.end()) return *found;
  Part part;
  part.service = sample.service;
  part.health.source = sample.source;
  return parts_.emplace_back(std::move(part));
}

std::vector<SourceTransition> HeldTarget::Update(const TargetSample& sample, absl::Time now) {
  std::vector<SourceTransition> changes;
  for (const SourceSample& read : sample.parts) {
    Part& part = PartOf(read);
    if (read.pending) {
      if (!part.failing && !part.snapshot) part.health.error = "no response yet";
      continue;
    }
    const bool was_up = part.health.up;
    part.health.up = read.snapshot.ok();
    part.health.duration = read.duration;
    if (read.snapshot.ok()) {
      // A service that responds from a cache looks alive, but its figures age. While its timestamp
      // moves it is trusted, whatever its clock; after a failure only the timestamp is known.
      const absl::Time stamp = read.snapshot->taken_at;
      const bool moved = !part.snapshot || part.snapshot->taken_at != stamp;
      if (stamp == absl::InfinitePast()) {
        part.changed_at = now;
      } else if (moved) {
        part.changed_at = was_up ? now : std::min(now, stamp);
      }
      part.health.snapshot_at = stamp;
      part.snapshot = *read.snapshot;
      part.document = read.document;
      part.health.last_success = now;
      part.health.malformed_fields = read.snapshot->malformed.Total();
      part.health.error.clear();
      part.health.http_status.reset();
      part.failing.reset();
      if (!was_up) changes.push_back({target_, read.source, true, ErrorKind::kInternal, ""});
    } else {
      const ErrorKind kind = KindOf(read.snapshot.status());
      ++part.health.errors[kind];
      part.health.error = std::string(read.snapshot.status().message());
      part.health.http_status = HttpStatusOf(read.snapshot.status());
      if (part.failing != kind) {
        changes.push_back({target_, read.source, false, kind, part.health.error});
      }
      part.failing = kind;
    }
  }
  return changes;
}

TargetView HeldTarget::View(absl::Time now, absl::Duration max_age) const {
  TargetView view;
  view.target = target_;
  view.built_at = now;
  PerService<const Snapshot*> shown;
  for (const Part& part : parts_) {
    view.sources.push_back(part.health);
    if (!part.snapshot || !IsYoung(part.health.last_success, now, max_age)) continue;
    for (const Service service : kServices) {
      if (part.service.value_or(service) != service) continue;
      shown[service] = &*part.snapshot;
      view.at[service] = part.changed_at;
      view.document[service] = part.document;
    }
  }
  if (shown.ingress != nullptr || shown.proc != nullptr) {
    // A missing service uses the other's time: both read the same Redis.
    if (!view.at.ingress) view.at.ingress = view.at.proc;
    if (!view.at.proc) view.at.proc = view.at.ingress;
    view.snapshot = shown.ingress == shown.proc ? *shown.ingress : Merge(shown);
  }
  return view;
}

}  // namespace chatscale
