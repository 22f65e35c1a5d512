#include "exporter/sources/document/monitoring_fleet.h"

#include <algorithm>
#include <cmath>

namespace chatscale {
namespace {

struct StatusCounts {
  double unhealthy = 0, stale = 0, draining = 0;
};

StatusCounts CountStatuses(const JsonFields& instance) {
  StatusCounts counts;
  const auto statuses = instance.Array("statuses");
  if (!statuses) return counts;
  for (const auto& status : *statuses) {
    std::string_view text;
    if (status.get(text) != simdjson::SUCCESS) continue;
    if (text == "unhealthy") ++counts.unhealthy;
    if (text == "stale") ++counts.stale;
    if (text == "draining") ++counts.draining;
  }
  return counts;
}

// A document tells loads and slots by instance only: of one that is partly stale, the working part.
// The upstream calls an instance draining whose processes are all stale: it has no live one (D6).
void CountWorking(MaybeNumber concurrency, const StatusCounts& counts, Instance& instance) {
  const double processes = instance.processes.value_or(0);
  const double live = std::max(0.0, processes - counts.stale);
  const bool ends = instance.draining.value_or(false);
  const double draining = ends ? live : counts.draining;
  const double working = ends ? 0
                         : instance.healthy_processes
                             ? *instance.healthy_processes + counts.unhealthy
                             : live - draining;
  const auto part = [processes](const MaybeNumber& value, double count) -> MaybeNumber {
    if (!value) return std::nullopt;
    return processes > 0 ? std::round(*value * std::min(1.0, count / processes)) : 0;
  };
  instance.working = working;
  // 0: processes that say nothing of their slots.
  const double capacity = instance.capacity.value_or(0);
  if (capacity > 0 && capacity <= kMostSlots) instance.slots = part(instance.capacity, working);
  if (!instance.slots && concurrency) instance.slots = working * *concurrency;
  instance.running = part(instance.load, working);
  instance.draining_load = part(instance.load, draining);
}

// Of the oldest heartbeat. Clocks differ, and one without a time is as old as the clock: any second
// since 1970, and not much else.
MaybeNumber AgeIn(const JsonFields& instance) {
  const MaybeNumber age = instance.Number("max_age_seconds");
  return age && std::abs(*age) <= kMostUnixSeconds ? age : std::nullopt;
}

void ReadInstances(const JsonFields& json, ServiceFleet& out) {
  const auto list = json.Array("instances");
  if (!list) return;
  double unhealthy = 0;
  double stale = 0;
  double draining = 0;
  for (const auto& element : *list) {
    simdjson::dom::object object;
    if (out.instance_list.size() >= kMostInstances) return json.CountMalformed();
    if (element.get(object) != simdjson::SUCCESS) {
      json.CountMalformed();
      continue;
    }
    const JsonFields fields = json.Nested(object);
    const StatusCounts counts = CountStatuses(fields);
    Instance instance{.id = fields.Text("instance_id"),
                      .processes = fields.NonNegative("processes"),
                      .healthy_processes = fields.NonNegative("healthy_processes"),
                      .capacity = fields.NonNegative("capacity"),
                      .load = fields.NonNegative("load"),
                      .max_heartbeat_age_seconds = AgeIn(fields),
                      .draining = fields.Bool("draining"),
                      .stale_processes = counts.stale};
    if (BeyondSlots(instance.load, instance.capacity)) {
      instance.load.reset();
      json.CountMalformed();
    }
    CountWorking(out.concurrency_per_process, counts, instance);
    unhealthy += counts.unhealthy;
    stale += counts.stale;
    if (instance.draining.value_or(false)) draining += instance.processes.value_or(0);
    out.instance_list.push_back(std::move(instance));
  }
  out.unhealthy_processes = unhealthy;
  out.stale_processes = stale;
  out.draining_processes = draining;
}

PoolUse ReadPool(const JsonFields& json) {
  const MaybeNumber percent = json.NonNegative("utilization_percent");
  MaybeNumber size = json.NonNegative("size_total");
  if (!size) size = json.NonNegative("total_total");
  return {.in_use = json.NonNegative("in_use_total"),
          .limit = json.NonNegative("max_total"),
          .available = json.NonNegative("available_total"),
          .size = size,
          .utilization = percent ? MaybeNumber(*percent / kPercent) : std::nullopt,
          .reporting_processes = json.NonNegative("reported_processes"),
          .window_in_use = {},
          .window_utilization = {}};
}

void ReadPools(const JsonFields& json, ServiceFleet& out) {
  const JsonFields redis = json.Object("redis");
  const JsonFields in_use = json.Object("in_use_windows");
  const JsonFields utilization = json.Object("utilization_windows");
  const std::array<JsonFields, kPoolCount> sections = {
      json.Object("postgres"), redis.Object("async"), redis.Object("async_decode"),
      redis.Object("sync")};
  for (std::size_t p = 0; p < kPoolCount; ++p) {
    out.pools[p] = ReadPool(sections[p]);
    out.pools[p].window_in_use = ReadWindowMeans(in_use.Object(kPoolNames[p]), 1.0);
    out.pools[p].window_utilization =
        ReadWindowMeans(utilization.Object(kPoolNames[p]), kPercent, kMostFactor);
  }
}

}  // namespace

WindowMeans ReadWindowMeans(const JsonFields& json, double divisor, double most) {
  WindowMeans out;
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    out.mean[w] = json.Scaled(kWindowNames[w], divisor, most);
  }
  out.max = json.Scaled("max", divisor, most);
  return out;
}

ServiceFleet ReadFleet(const JsonFields& json, int* malformed_pools) {
  ServiceFleet out;
  out.present = json.present();
  out.instances = json.NonNegative("instance_count");
  out.processes = json.NonNegative("actual_processes");
  out.expected_processes = json.NonNegative("expected_processes");
  out.healthy_processes = json.NonNegative("healthy_processes");
  out.load = json.NonNegative("load");
  out.capacity = json.NonNegative("capacity");
  const JsonFields configured = json.Object("configured");
  out.processes_per_instance = configured.NonNegative("processes_per_instance");
  out.concurrency_per_process =
      configured.NonNegative("concurrent_requests_per_process", kMostSlots);
  const JsonFields not_signals = json.CountingIn(malformed_pools);
  const JsonFields pools = not_signals.Object("pools");
  out.postgres_connections_per_instance = pools.NonNegative("estimated_pg_per_instance");
  out.redis_connections_per_process = pools.NonNegative("redis_max_connections");
  ReadPools(not_signals.Object("pools_aggregate"), out);
  ReadInstances(json, out);
  return out;
}

}  // namespace chatscale
