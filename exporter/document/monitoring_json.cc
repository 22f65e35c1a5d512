#include "exporter/document/monitoring_json.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>

#include "absl/strings/str_cat.h"
#include "exporter/document/json.h"
#include "exporter/model/capacity.h"
#include "exporter/model/error_kind.h"
#include "exporter/model/text.h"

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

// Loads and slots in a document are per instance: of a partly stale one, the working part counts.
// The upstream calls an instance draining when all its processes are stale: none is live (D6).
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
  // 0: its processes do not report their slots.
  const double capacity = instance.capacity.value_or(0);
  if (capacity > 0 && capacity <= kMostSlots) instance.slots = part(instance.capacity, working);
  if (!instance.slots && concurrency) instance.slots = working * *concurrency;
  instance.running = part(instance.load, working);
  instance.draining_load = part(instance.load, draining);
}

// Age of the oldest heartbeat, seconds; negative where clocks differ. A heartbeat without a time is
// as old as the Unix epoch, so ages up to kMostUnixSeconds are valid.
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

namespace {

constexpr double kMillis = 1000;

Percentiles PercentilesOf(const JsonFields& json) {
  return {.count = json.NonNegative("count"),
          .p50_seconds = json.Scaled("p50", kMillis),
          .p95_seconds = json.Scaled("p95", kMillis),
          .p99_seconds = json.Scaled("p99", kMillis),
          .max_seconds = json.Scaled("max", kMillis)};
}

Latency LatencyOf(const JsonFields& json) {
  Latency latency;
  bool windowed = false;
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    const JsonFields window = json.Object(kWindowNames[w]);
    windowed = windowed || window.present();
    latency[w] = PercentilesOf(window);
  }
  if (!windowed && json.present()) latency[0] = PercentilesOf(json);  // the old flat shape
  return latency;
}

// Share of the live ingress processes that the sums cover (D10: a quiet one drops out).
MaybeNumber SseCoverage(const Snapshot& snapshot, bool has_section) {
  const ServiceFleet& ingress = snapshot.fleet.ingress;
  if (!ingress.processes) return std::nullopt;
  const double alive = *ingress.processes - ingress.stale_processes.value_or(0);
  if (alive <= 0) return std::nullopt;
  MaybeNumber heard = snapshot.sse.workers;
  if (!has_section) heard = 0;
  if (!heard && !snapshot.sse.fleet_wide) heard = 1;
  if (!heard) return std::nullopt;
  return std::min(1.0, *heard / alive);
}

// Requires: `out.ingress` is read.
void ReadSse(const JsonFields& root, const JsonFields& ingress, Snapshot& out) {
  const JsonFields own = root.Object("sse_connections");
  const JsonFields component = ingress.Object("sse");
  // A malformed figure of the fleet is not replaced by the figure of one process.
  const bool global = own.Has("global_total_connections");
  const JsonFields& source = own.present() ? own : component;
  const std::string prefix = global ? "global_" : "";
  out.sse.fleet_wide = global || source.Text("source") != "process";
  out.sse.connections = source.NonNegative(prefix + "total_connections");
  out.sse.limit = source.NonNegative(prefix + "max_connections");
  out.sse.sessions = source.NonNegative(prefix + "sessions");
  out.sse.workers = source.NonNegative(prefix + "processes");
  out.sse.coverage = SseCoverage(out, source.present());
  out.sse.window_connections = ReadWindowMeans(component.Object("windows"), 1.0);
}

ThrottleWindow ThrottleWindowOf(const JsonFields& json) {
  return {.throttled = json.NonNegative("total_throttled"),
          .rate_limit_429 = json.NonNegative("rate_limit_429"),
          .backpressure_503 = json.NonNegative("backpressure_503")};
}

Throttling ThrottlingOf(const JsonFields& root) {
  Throttling out;
  const JsonFields windows = root.Object("throttling_windows");
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    out.windows[w] = ThrottleWindowOf(windows.Object(kWindowNames[w]));
  }
  const JsonFields stats = root.Object("throttling_stats");
  out.hour = ThrottleWindowOf(stats);
  out.requests_hour = stats.NonNegative("total_attempted");
  const JsonFields periods = root.Object("throttling_by_period");
  for (std::size_t p = 0; p < kLongPeriodHours.size(); ++p) {
    const JsonFields period = periods.Object(absl::StrCat(kLongPeriodHours[p], "h"));
    out.periods[p] = {ThrottleWindowOf(period), period.NonNegative("total_attempted")};
  }
  return out;
}

void ReadQueueDepths(const JsonFields& root, QueueLoad& queue) {
  const JsonFields stats = root.Object("enhanced_queue_stats");
  queue.total = stats.NonNegative("total_queue");
  double shown = 0;
  bool complete = queue.total.has_value();
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    if (u == static_cast<std::size_t>(UserType::kExternal)) continue;
    queue.depth[u] = stats.NonNegative(absl::StrCat(kUserTypeNames[u], "_queue"));
    complete = complete && queue.depth[u].has_value();
    shown += queue.depth[u].value_or(0);
  }
  // The document has no field for external users: they are the rest of the total (D14).
  if (complete && *queue.total >= shown) {
    queue.depth[static_cast<std::size_t>(UserType::kExternal)] = *queue.total - shown;
  }
}

// `root` counts malformed signals of proc, `other` the rest.
void ReadQueue(const JsonFields& root, const JsonFields& proc, const JsonFields& other,
               QueueLoad& queue) {
  ReadQueueDepths(root, queue);
  const JsonFields section = proc.Object("queue");
  if (!queue.total) queue.total = section.NonNegative("total");
  const JsonFields accepting = section.Object("accepting");
  const JsonFields waits = other.Object("queue_analytics").Object("wait_times");
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    queue.accepting[u] = accepting.Bool(kUserTypeNames[u]);
    queue.average_wait_seconds[u] = waits.NonNegative(kUserTypeNames[u], kLongestSeconds);
  }
  const JsonFields windows = section.Object("windows");
  queue.window_depth = ReadWindowMeans(windows.Object("depth"), 1.0);
  queue.window_pressure = ReadWindowMeans(windows.Object("pressure_ratio"), 1.0, kMostFactor);
  const JsonFields latency = proc.Object("latency");
  queue.wait = LatencyOf(latency.Object("queue_wait_ms"));
  queue.exec = LatencyOf(latency.Object("exec_ms"));

  const JsonFields info = root.Object("capacity_info");
  queue.capacity.reported = info.NonNegative("weighted_max_capacity");
  queue.capacity.reported_pressure = info.NonNegative("pressure_ratio");
  const MaybeNumber percent = root.NonNegative("queue_utilization");
  // Divided by 100, not multiplied by 0.01: so the upstream computes its ratio.
  if (percent) queue.capacity.reported_utilization = *percent / 100.0;
  const JsonFields thresholds = info.Object("thresholds");
  queue.capacity.thresholds = {.anonymous = thresholds.NonNegative("anonymous_threshold"),
                               .registered = thresholds.NonNegative("registered_threshold"),
                               .paid = thresholds.NonNegative("paid_threshold"),
                               .hard_limit = thresholds.NonNegative("hard_limit_threshold")};
}

// The `chatscale` section of the document: written by our simulator, not by the upstream.
void ReadExtensions(const JsonFields& root, QueueLoad& queue) {
  const JsonFields extra = root.Object("chatscale").Object("queue");
  queue.waiting = extra.NonNegative("waiting");
  queue.in_flight = extra.NonNegative("in_flight");
  queue.jobs_waiting = extra.NonNegative("jobs_waiting");
  queue.jobs_claimed = extra.NonNegative("jobs_claimed");
  const JsonFields oldest = extra.Object("oldest_waiting_seconds");
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    queue.oldest_waiting_seconds[u] = oldest.NonNegative(kUserTypeNames[u]);
  }
}

std::optional<TimeHistogram> HistogramOf(const JsonFields& section) {
  const auto counts = section.Array("counts");
  const MaybeNumber sum = section.NonNegative("sum_seconds", kMostTotal);
  TimeHistogram out;
  if (!counts || !sum || counts->size() != out.counts.size()) return std::nullopt;
  std::size_t bucket = 0;
  for (const simdjson::dom::element element : *counts) {
    double count = 0;
    if (element.get(count) != simdjson::SUCCESS || count < 0 || count > kMostTotal) {
      section.CountMalformed();
      return std::nullopt;
    }
    out.counts[bucket++] = count;
  }
  out.sum_seconds = *sum;
  return out;
}

// Also of the `chatscale` section.
EventCounts CountsOf(const JsonFields& root) {
  const JsonFields section = root.Object("chatscale").Object("counts");
  return {.admitted = section.NonNegative("admitted", kMostTotal),
          .rate_limited = section.NonNegative("rate_limited", kMostTotal),
          .backpressured = section.NonNegative("backpressured", kMostTotal),
          .finished = section.NonNegative("finished", kMostTotal),
          .wait = HistogramOf(section.Object("wait")),
          .exec = HistogramOf(section.Object("exec"))};
}

CapacityTransparency TransparencyOf(const JsonFields& root) {
  const JsonFields section = root.Object("capacity_transparency");
  const JsonFields scaling = section.Object("instance_scaling");
  CapacityTransparency out;
  out.source = scaling.Text("capacity_source");
  out.configured_processes = scaling.NonNegative("capacity_source_configured_processes");
  out.actual_processes = scaling.NonNegative("capacity_source_actual_processes");
  out.healthy_processes = scaling.NonNegative("capacity_source_healthy_processes");
  out.concurrent_total = scaling.NonNegative("total_concurrent_capacity");
  out.concurrent_effective = scaling.NonNegative("total_effective_capacity");
  out.concurrent_queue = scaling.NonNegative("total_queue_capacity");
  out.concurrent_system = scaling.NonNegative("total_system_capacity");
  if (const auto warnings = section.Array("capacity_warnings")) {
    out.warnings = static_cast<double>(warnings->size());
  }
  return out;
}

DbConnections DbConnectionsOf(const JsonFields& root) {
  const JsonFields section = root.Object("db_connections");
  const MaybeNumber percent = section.NonNegative("percent_of_max");
  return {.limit = section.NonNegative("max_connections"),
          .limit_source = section.Text("source"),
          .estimated = section.NonNegative("estimated_total"),
          .estimated_per_instance = section.NonNegative("estimated_per_instance"),
          .estimated_ratio = percent ? MaybeNumber(*percent / kPercent) : std::nullopt};
}

std::vector<CircuitBreaker> CircuitBreakersOf(const JsonFields& root) {
  std::vector<CircuitBreaker> out;
  const JsonFields section = root.Object("circuit_breakers");
  const JsonFields nested = section.Object("circuits");  // an ingress process nests them
  (nested.present() ? nested : section).EachObject([&](std::string_view name, const JsonFields& b) {
    if (name == "summary") return;
    out.push_back({.name = std::string(name),
                   .state = b.Text("state"),
                   .window_failures = b.NonNegative("current_window_failures"),
                   .failures = b.NonNegative("total_failures", kMostTotal)});
  });
  return out;
}

// One section of the gateway configuration for one component: its slice, then the values beside the
// slices, which apply to every component (D13).
struct GatewaySection {
  JsonFields own, common;

  MaybeNumber NonNegative(std::string_view key, double most = kMostCount) const {
    const MaybeNumber value = own.NonNegative(key, most);
    return value ? value : common.NonNegative(key, most);
  }
  std::string Text(std::string_view key) const {
    const std::string text = own.Text(key);
    return text.empty() ? common.Text(key) : text;
  }
};

GatewayCapacity GatewayCapacityOf(const GatewaySection& service,
                                  const GatewaySection& backpressure) {
  return {
      .concurrent_per_process = service.NonNegative("concurrent_requests_per_process", kMostSlots),
      .processes_per_instance = service.NonNegative("processes_per_instance", kMostProcesses),
      .capacity_buffer = backpressure.NonNegative("capacity_buffer"),
      .queue_depth_multiplier = backpressure.NonNegative("queue_depth_multiplier", kMostFactor),
      .capacity_source = backpressure.Text("capacity_source_component"),
      .anonymous_ratio = backpressure.NonNegative("anonymous_pressure_threshold", kMostFactor),
      .registered_ratio = backpressure.NonNegative("registered_pressure_threshold", kMostFactor),
      .paid_ratio = backpressure.NonNegative("paid_pressure_threshold", kMostFactor),
      .hard_limit_ratio = backpressure.NonNegative("hard_limit_threshold", kMostFactor),
  };
}

// `slice` holds the effective values of one component.
GatewayCapacity GatewayOfSlice(const JsonFields& slice) {
  const JsonFields none({}, nullptr);
  return GatewayCapacityOf({slice.Object("service_capacity"), none},
                           {slice.Object("backpressure"), none});
}

// The processor's part of a section of the raw configuration, flat or sliced.
GatewaySection SectionOfProc(const JsonFields& raw, std::string_view name) {
  const JsonFields section = raw.Object(name);
  for (const char* key : {"proc", "processor", "worker", "ingress"}) {
    if (section.Has(key)) return {section.Object(key), section};
  }
  return {section, JsonFields({}, nullptr)};
}

GatewayCapacity GatewayOfRaw(const JsonFields& raw) {
  GatewayCapacity out =
      GatewayCapacityOf(SectionOfProc(raw, "service_capacity"), SectionOfProc(raw, "backpressure"));
  if (!raw.present()) return out;
  const auto otherwise = [](MaybeNumber& value, double number) { value = value.value_or(number); };
  otherwise(out.concurrent_per_process, kGatewayDefaults.concurrent_per_process);
  otherwise(out.processes_per_instance, kGatewayDefaults.processes_per_instance);
  otherwise(out.capacity_buffer, kGatewayDefaults.capacity_buffer);
  otherwise(out.queue_depth_multiplier, kGatewayDefaults.queue_depth_multiplier);
  otherwise(out.anonymous_ratio, kGatewayDefaults.anonymous_ratio);
  otherwise(out.registered_ratio, kGatewayDefaults.registered_ratio);
  otherwise(out.paid_ratio, kGatewayDefaults.paid_ratio);
  otherwise(out.hard_limit_ratio, kGatewayDefaults.hard_limit_ratio);
  return out;
}

// The first of the texts that is a valid name and not a placeholder such as "{{...}}".
std::string NameIn(std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) {
    const bool placeholder = text.starts_with("{{") || text == "TENANT_ID" || text == "PROJECT_ID";
    const bool name = text.size() <= kMostIdBytes && std::ranges::none_of(text, IsControl);
    if (!text.empty() && !placeholder && name) return text;
  }
  return "";
}

Target NamedIn(const JsonFields& root) {
  const JsonFields raw = root.Object("gateway_config_raw");
  const JsonFields effective = root.Object("gateway_configuration");
  return {NameIn({raw.Text("tenant"), raw.Text("tenant_id"), effective.Text("tenant_id")}),
          NameIn({raw.Text("project"), raw.Text("project_id"), effective.Text("project_id")})};
}

Snapshot SnapshotOf(simdjson::dom::object document) {
  Snapshot out;
  const JsonFields root(document, &out.malformed.other);
  const JsonFields of_ingress = root.CountingIn(&out.malformed.ingress);
  const JsonFields of_proc = root.CountingIn(&out.malformed.proc);
  if (const MaybeNumber timestamp = root.NonNegative("timestamp", kMostTotal)) {
    out.taken_at = absl::UnixEpoch() + absl::Seconds(*timestamp);
  }
  out.named = NamedIn(root);
  const JsonFields components = root.Object("components");
  const JsonFields ingress = components.CountingIn(&out.malformed.ingress).Object("ingress");
  const JsonFields proc = components.CountingIn(&out.malformed.proc).Object("proc");
  out.fleet.ingress = ReadFleet(ingress, &out.malformed.other);
  out.fleet.proc = ReadFleet(proc, &out.malformed.other);
  ReadSse(of_ingress, ingress, out);
  out.rest = LatencyOf(ingress.Object("latency").Object("rest_ms"));
  ReadQueue(of_proc, proc, root, out.queue);
  ReadExtensions(of_proc, out.queue);
  out.counts = CountsOf(root);
  out.throttling.ingress = ThrottlingOf(root);
  out.throttling.proc = out.throttling.ingress;
  out.capacity = TransparencyOf(root);
  out.db = DbConnectionsOf(root);
  out.circuit_breakers = CircuitBreakersOf(root);
  const JsonFields slices = root.Object("gateway_config_components");
  const JsonFields slice = slices.Object("proc");
  // Malformed values count as signals of proc: its capacity is computed from them.
  out.gateway_proc = slice.present() ? GatewayOfSlice(slice.CountingIn(&out.malformed.proc))
                                     : GatewayOfRaw(of_proc.Object("gateway_config_raw"));
  CorrectQueueCapacity(out);
  FillFleetCapacity(out);
  return out;
}

bool HasKnownSection(const simdjson::dom::object& document) {
  for (const char* key : {"components", "sse_connections", "enhanced_queue_stats", "capacity_info",
                          "throttling_stats", "throttling_windows"}) {
    simdjson::dom::element value;
    if (document.at_key(key).get(value) == simdjson::SUCCESS) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<Snapshot> ParseMonitoringDocument(std::string_view bytes) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  auto error = parser.parse(bytes.data(), bytes.size()).get(root);
  if (error != simdjson::SUCCESS) {
    const std::string repaired = TolerantJson(bytes, kNotFinite);
    error = parser.parse(repaired).get(root);
  }
  if (error != simdjson::SUCCESS) {
    return KindError(ErrorKind::kParse, absl::StrCat("/monitoring/system: not JSON: ",
                                                     simdjson::error_message(error)));
  }
  simdjson::dom::object document;
  if (root.get(document) != simdjson::SUCCESS) {
    return KindError(ErrorKind::kSchema, "/monitoring/system: expected a JSON object");
  }
  if (!HasKnownSection(document)) {
    return KindError(ErrorKind::kSchema,
                     "/monitoring/system: none of the documented sections is there");
  }
  return SnapshotOf(document);
}

}  // namespace chatscale
