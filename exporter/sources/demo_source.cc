#include "exporter/sources/demo_source.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "exporter/sources/document_source.h"

namespace chatscale {

namespace {

using nlohmann::json;

constexpr int kPostgresLimit = 100;
constexpr int kEffectiveSlotsPerProc = 7;  // eight, less a tenth, rounded down
constexpr double kHeartbeatSeconds = 10;
constexpr double kStaleSeconds = 45;

json LatencyJson(const Rolling& rolling, double now) {
  json windows;
  const auto summaries = rolling.Summaries(now);
  for (std::size_t w = 0; w < summaries.size(); ++w) {
    const WindowSummary& s = summaries[w];
    json window = {
        {"count", s.count}, {"p50", nullptr}, {"p95", nullptr}, {"p99", nullptr}, {"max", nullptr}};
    if (s.count > 0) {
      window.update({{"p50", s.p50}, {"p95", s.p95}, {"p99", s.p99}, {"max", s.max}});
    }
    windows[kWindowNames[w]] = window;
  }
  return windows;
}

json MeansJson(const Rolling& rolling, double now, double factor = 1) {
  json windows;
  const auto summaries = rolling.Summaries(now);
  for (std::size_t w = 0; w < summaries.size(); ++w) {
    if (summaries[w].count > 0) windows[kWindowNames[w]] = factor * summaries[w].mean;
  }
  if (summaries.back().count > 0) windows["max"] = factor * summaries.back().max;
  return windows;
}

json PoolJson(const PoolLoad& pool, int workers) {
  return {{"max_total", pool.limit},
          {"size_total", pool.size},
          {"available_total", pool.size - pool.in_use},
          {"in_use_total", pool.in_use},
          {"utilization_percent", 100 * pool.Utilization()},
          {"reported_processes", workers}};
}

void AddPools(const PoolPolicy& policy, const ModelFleet& fleet, const PoolHistory& history,
              double now, json& component) {
  const int workers = WorkersOf(policy, fleet, now);
  const PoolLoads loads = PoolLoadsOf(policy, fleet, now);
  component["pools"] = {
      {"pg_pool_max_size", policy.postgres_per_worker},
      {"redis_max_connections", policy.redis_per_worker},
      {"estimated_pg_per_instance", policy.postgres_per_worker * policy.workers_per_replica},
      {"estimated_pg_total", policy.postgres_per_worker * workers}};
  component["pools_aggregate"] = {
      {"postgres", PoolJson(loads.postgres, workers)},
      {"redis", {{"async", PoolJson(loads.redis, workers)}}},
      {"in_use_windows",
       {{"postgres", MeansJson(history.postgres_in_use, now)},
        {"redis_async", MeansJson(history.redis_in_use, now)}}},
      {"utilization_windows",
       {{"postgres", MeansJson(history.postgres_utilization, now, 100)},
        {"redis_async", MeansJson(history.redis_utilization, now, 100)}}}};
}

// Every replica sends heartbeats at its own phase. A draining one sends none, as in the upstream:
// silent for longer than kStaleSeconds, and not for twice as long.
double HeartbeatAge(const ModelReplica& replica, double now) {
  const double phase = std::fmod(now + 3.7 * replica.id, kHeartbeatSeconds);
  return replica.draining ? kStaleSeconds + phase : phase;
}

json ComponentJson(const ModelFleet& fleet, double now, const std::string& prefix, int workers,
                   bool reports_load) {
  json instances = json::array();
  int processes = 0;
  int healthy = 0;
  for (const ModelReplica& replica : fleet.replicas()) {
    if (now < replica.ready_at) continue;  // no heartbeat before it has started
    const int beating = replica.draining ? 0 : workers;
    processes += workers;
    healthy += beating;
    instances.push_back(
        {{"instance_id", prefix + std::to_string(replica.id)},
         {"processes", workers},
         {"healthy_processes", beating},
         {"capacity", fleet.slots_per_replica()},
         {"load", reports_load ? replica.load : 0},
         {"statuses", std::vector<std::string>(static_cast<std::size_t>(workers),
                                               replica.draining ? "stale" : "healthy")},
         {"max_age_seconds", HeartbeatAge(replica, now)},
         {"draining", replica.draining}});
  }
  return {{"service_type", "chat"},
          {"instance_count", instances.size()},
          {"expected_processes", processes},
          {"actual_processes", processes},
          {"healthy_processes", healthy},
          {"missing_processes", 0},
          {"load", reports_load ? fleet.Load() : 0},
          {"capacity", fleet.AllSlots(now)},
          {"configured",
           {{"processes_per_instance", workers},
            {"concurrent_requests_per_process", fleet.slots_per_replica() / workers}}},
          {"instances", instances}};
}

json ThresholdsJson(int capacity) {
  const auto at = [capacity](double share) { return std::floor(share * capacity); };
  return {{"anonymous_threshold", at(0.6)},
          {"registered_threshold", at(0.85)},
          {"paid_threshold", at(0.9)},
          {"hard_limit_threshold", at(0.98)}};
}

json AcceptingJson(const DemoSystem& system) {
  json accepting;
  for (const UserType user :
       {UserType::kAnonymous, UserType::kRegistered, UserType::kPaid, UserType::kPrivileged}) {
    accepting[kUserTypeNames[static_cast<std::size_t>(user)]] = system.Admits(user);
  }
  return accepting;
}

void AddSse(const DemoSystem& system, json& document) {
  const int limit = system.ingress().AllSlots(system.now());
  const int streams = system.ingress().Load();
  const json sse = {{"total_connections", streams},
                    {"max_connections", limit},
                    {"sessions", streams},
                    {"processes", WorkersOf(kIngressPools, system.ingress(), system.now())},
                    {"source", "demo"}};
  document["sse_connections"] = sse;
  json& own = document["components"]["ingress"]["sse"];
  own = sse;
  own["windows"] = MeansJson(system.rollings().streams, system.now());
}

void AddQueue(const DemoSystem& system, json& document) {
  const int capacity = system.QueueCapacity();
  const int total = system.Waiting() + system.proc().Load();
  const json pressure = capacity > 0 ? json(double(total) / capacity) : json();
  const auto depth = system.Depth();
  json stats = {{"total_queue", total}};
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    if (u != static_cast<std::size_t>(UserType::kExternal)) {
      stats[std::string(kUserTypeNames[u]) + "_queue"] = depth[u];
    }
  }
  document["enhanced_queue_stats"] = stats;
  document["queue_stats"] = {{"total", total}};
  document["queue_utilization"] = capacity > 0 ? json(100.0 * total / capacity) : json();
  document["capacity_info"] = {{"base_capacity_per_instance", kTasksPerProc},
                               {"instance_count", system.proc().Ready(system.now())},
                               {"weighted_max_capacity", capacity},
                               {"pressure_ratio", pressure},
                               {"thresholds", ThresholdsJson(capacity)}};
  document["components"]["proc"]["queue"] = {
      {"total", total},
      {"pressure_ratio", pressure},
      {"thresholds", ThresholdsJson(capacity)},
      {"accepting", AcceptingJson(system)},
      {"windows",
       {{"pressure_ratio", MeansJson(system.rollings().pressure, system.now())},
        {"depth", MeansJson(system.rollings().depth, system.now())}}}};
  const DemoTotals& totals = system.totals();
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    if (u == static_cast<std::size_t>(UserType::kExternal)) continue;
    const auto finished = static_cast<double>(totals.finished_of[u]);
    document["queue_analytics"]["wait_times"][kUserTypeNames[u]] =
        finished > 0 ? totals.waited_seconds[u] / finished : 0;
  }
  json oldest;
  const auto ages = system.OldestWaiting();
  for (std::size_t u = 0; u < kUserTypeCount; ++u) oldest[kUserTypeNames[u]] = ages[u];
  document["chatscale"]["queue"] = {{"waiting", system.Waiting()},
                                    {"in_flight", system.proc().Load()},
                                    {"oldest_waiting_seconds", oldest}};
}

void AddThrottling(const DemoSystem& system, json& document) {
  const double now = system.now();
  const auto limited = system.rollings().rate_limited.Summaries(now);
  const auto refused = system.rollings().refused.Summaries(now);
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    document["throttling_windows"][kWindowNames[w]] = {
        {"total_throttled", limited[w].count + refused[w].count},
        {"rate_limit_429", limited[w].count},
        {"backpressure_503", refused[w].count}};
  }
  const auto hour = static_cast<std::size_t>(Window::k1h);
  document["throttling_stats"] = {
      {"total_throttled", limited[hour].count + refused[hour].count},
      {"rate_limit_429", limited[hour].count},
      {"backpressure_503", refused[hour].count},
      {"total_attempted", system.rollings().attempted.Summaries(now)[hour].count}};
}

json HistogramJson(const TimeHistogram& histogram) {
  return {{"counts", histogram.counts}, {"sum_seconds", histogram.sum_seconds}};
}

void AddCounts(const DemoSystem& system, json& document) {
  const DemoTotals& totals = system.totals();
  document["chatscale"]["counts"] = {
      {"admitted", totals.attempted - totals.rate_limited - totals.refused},
      {"rate_limited", totals.rate_limited},
      {"backpressured", totals.refused},
      {"finished", totals.finished},
      {"wait", HistogramJson(totals.wait)},
      {"exec", HistogramJson(totals.exec)}};
}

void AddLimits(const DemoSystem& system, json& document) {
  const int replicas = system.proc().Ready(system.now());
  const int each = kProcPools.postgres_per_worker * kProcPools.workers_per_replica;
  const int estimated = each * replicas;
  document["db_connections"] = {{"max_connections", kPostgresLimit},
                                {"source", "config"},
                                {"estimated_per_instance", each},
                                {"estimated_total", estimated},
                                {"percent_of_max", 100.0 * estimated / kPostgresLimit}};
  for (const char* name : {"authentication", "rate_limiter", "backpressure"}) {
    document["circuit_breakers"][name] = {
        {"state", "closed"}, {"current_window_failures", 0}, {"total_failures", 0}};
  }
  const int slots = system.proc().Slots(system.now());
  document["capacity_transparency"] = {
      {"instance_scaling",
       {{"capacity_source", "chat:proc"},
        {"capacity_source_configured_processes", replicas},
        {"capacity_source_actual_processes", replicas},
        {"capacity_source_healthy_processes", replicas},
        {"total_concurrent_capacity", slots},
        {"total_effective_capacity", kEffectiveSlotsPerProc * replicas},
        {"total_queue_capacity", system.QueueCapacity() - kEffectiveSlotsPerProc * replicas},
        {"total_system_capacity", system.QueueCapacity()}}},
      {"capacity_warnings", json::array()}};
  document["gateway_config_components"]["proc"] = {
      {"service_capacity",
       {{"concurrent_requests_per_process", kSlotsPerProc},
        {"processes_per_instance", 1},
        {"avg_processing_time_seconds", 8}}},
      {"backpressure",
       {{"capacity_buffer", 0.1},
        {"queue_depth_multiplier", 3},
        {"capacity_source_component", "proc"}}}};
}

}  // namespace

std::string DemoDocument(const DemoSystem& system) {
  const double now = system.now();
  json document = {{"timestamp", now}, {"demo", true}};
  json& components = document["components"];
  components["ingress"] = ComponentJson(system.ingress(), now, "demo-ingress-",
                                        kIngressPools.workers_per_replica, false);
  components["ingress"]["latency"]["rest_ms"] = LatencyJson(system.rollings().rest, now);
  components["proc"] =
      ComponentJson(system.proc(), now, "demo-proc-", kProcPools.workers_per_replica, true);
  components["proc"]["latency"] = {{"queue_wait_ms", LatencyJson(system.rollings().wait, now)},
                                   {"exec_ms", LatencyJson(system.rollings().exec, now)}};
  AddPools(kIngressPools, system.ingress(), system.rollings().ingress_pools, now,
           components["ingress"]);
  AddPools(kProcPools, system.proc(), system.rollings().proc_pools, now, components["proc"]);
  AddSse(system, document);
  AddQueue(system, document);
  AddThrottling(system, document);
  AddCounts(system, document);
  AddLimits(system, document);
  return document.dump();
}

namespace {

// Monday, 5 January 2026, 08:00 UTC: the morning rise is a good thing to see first.
constexpr double kDemoStart = 1'767'600'000;
constexpr double kMostSecondsPerTake = 2 * 86'400;

}  // namespace

struct DemoSource::Demo {
  explicit Demo(const DemoOptions& options)
      : speed(options.speed), system(options.seed, kDemoStart) {}

  std::string DocumentAt(absl::Time now) {
    const std::lock_guard lock(mutex);
    const double passed = speed * absl::ToDoubleSeconds(now - last_take.value_or(now));
    last_take = now;
    system.AdvanceTo(system.now() + std::clamp(passed, 0.0, kMostSecondsPerTake));
    return DemoDocument(system);
  }

  const double speed;
  // Not absl::Mutex: the thread sanitizer does not see the locks of Debian's Abseil, which is built
  // without it.
  std::mutex mutex;
  DemoSystem system;                    // guarded by mutex
  std::optional<absl::Time> last_take;  // guarded by mutex
};

DemoSource::DemoSource(const DemoOptions& options, Target target)
    : demo_(std::make_shared<Demo>(options)) {
  auto fetch = [demo = demo_](absl::Time now, absl::Duration) -> absl::StatusOr<std::string> {
    return demo->DocumentAt(now);
  };
  source_ = std::make_unique<DocumentSource>(
      std::move(target),
      std::vector<DocumentPart>{
          {.source = "demo", .service = std::nullopt, .fetch = std::move(fetch)}},
      std::nullopt);
}

DemoSource::~DemoSource() = default;

std::vector<TargetSample> DemoSource::Collect(absl::Time now, absl::Duration timeout) {
  return source_->Collect(now, timeout);
}

void DemoSource::SetDesired(int ingress, int proc) {
  const std::lock_guard lock(demo_->mutex);
  demo_->system.SetDesired(ingress, proc);
}

}  // namespace chatscale
