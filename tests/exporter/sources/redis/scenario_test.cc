// Each recorded state of Redis, loaded into a real server, gives the document the upstream computed
// from it, field by field. The first table lists every field; the second one those that differ on
// purpose, by defect of the upstream (contract section 8); the third one what they are instead.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "exporter/core/upstream_keys.h"
#include "exporter/sources/monitoring_json.h"
#include "tests/exporter/sources/redis/redis_scenario.h"

namespace chatscale {
namespace {

using Json = nlohmann::json;

// Segments: a name, {one,of,these}, * (any one), [] (an element of an array), ** (all that
// follows).
constexpr const char* kFields[] = {
    "components.*.{service_type,service_name}",
    "components.*.{instance_count,expected_processes,actual_processes,healthy_processes}",
    "components.*.{missing_processes,load,capacity,utilization_percent}",
    "components.*.configured.{processes_per_instance,concurrent_requests_per_process}",
    "components.*.pools.{pg_pool_max_size,redis_max_connections}",
    "components.*.pools.{estimated_pg_per_instance,estimated_pg_total}",
    "components.*.pools_aggregate.postgres.{max_total,size_total,available_total,in_use_total}",
    "components.*.pools_aggregate.postgres.{utilization_percent,reported_processes}",
    "components.*.pools_aggregate.redis.*.{max_total,in_use_total,available_total,total_total}",
    "components.*.pools_aggregate.redis.*.{utilization_percent,reported_processes}",
    "components.*.pools_aggregate.{utilization_windows,in_use_windows}",
    "components.*.pools_aggregate.{utilization_windows,in_use_windows}.*.{1m,15m,1h,max}",
    "components.*.instances.#",
    "components.*.instances.[].{instance_id,processes,healthy_processes,capacity,load}",
    "components.*.instances.[].{utilization_percent,max_age_seconds,draining}",
    "components.*.instances.[].statuses.{#,[]}",
    "components.ingress.sse.{total_connections,max_connections,sessions,utilization_percent}",
    "components.ingress.sse.windows.{1m,15m,1h,max}",
    "components.ingress.latency.rest_ms.{1m,15m,1h}.{count,p50,p95,p99,max}",
    "components.proc.queue.{total,pressure_ratio}",
    "components.proc.queue.thresholds.*",
    "components.proc.queue.accepting.{anonymous,registered,paid,privileged}",
    "components.proc.queue.windows.{pressure_ratio,depth}.{1m,15m,1h,max}",
    "components.proc.latency.{queue_wait_ms,exec_ms}.{1m,15m,1h}.{count,p50,p95,p99,max}",
    "autoscaler.{proc,ingress}.{decision,scale_up,scale_down}",
    "autoscaler.{proc,ingress}.reasons.{#,[]}",
    "autoscaler.proc.signals.{queue_pressure_ratio,queue_depth}",
    "autoscaler.{proc,ingress}.signals.{utilization_percent,instance_count}",
    "autoscaler.ingress.signals.sse_utilization_percent",
    "instances.*.*.{processes,actual_processes,load,capacity,health,healthy_processes}",
    "instances.*.*.{missing_processes,is_chat_rest}",
    "instances.*.*.status_breakdown.{healthy,degraded,unhealthy,stale,missing}",
    "instances.*.*.{pids,ports,loads,heartbeats,health_statuses}.{#,[]}",
    "global_stats.{load,capacity,healthy,total,actual,healthy_instances,total_instances}",
    "global_stats.utilization_percent",
    "global_stats.chat_rest.{expected,actual,healthy,load,capacity,utilization_percent}",
    "queue_stats.{anonymous,registered,paid,privileged,total}",
    "queue_stats.capacity_context.{base_capacity_per_instance,instance_count}",
    "queue_stats.capacity_context.{weighted_max_capacity,pressure_ratio}",
    "queue_stats.capacity_context.alive_instances.{#,[]}",
    "queue_stats.capacity_context.{accepting_anonymous,accepting_registered}",
    "queue_stats.capacity_context.{accepting_paid,accepting_privileged}",
    "queue_stats.capacity_context.thresholds.*",
    "queue_stats.analytics.{avg_wait_times,throughput_metrics}.*",
    "enhanced_queue_stats.{anonymous_queue,registered_queue,paid_queue,privileged_queue}",
    "enhanced_queue_stats.{total_queue,base_capacity_per_instance,instance_count}",
    "enhanced_queue_stats.{weighted_max_capacity,pressure_ratio}",
    "enhanced_queue_stats.alive_instances.{#,[]}",
    "enhanced_queue_stats.{accepting_anonymous,accepting_registered}",
    "enhanced_queue_stats.{accepting_paid,accepting_privileged}",
    "backpressure_policy.thresholds.*",
    "backpressure_policy.current_effects.{anonymous_blocked,registered_blocked,paid_blocked}",
    "backpressure_policy.current_effects.{all_blocked,pressure_level}",
    "backpressure_policy.capacity_scaling.{base_per_instance,instances_detected}",
    "backpressure_policy.capacity_scaling.{total_weighted_capacity,utilization_percent}",
    "backpressure_policy.capacity_scaling.{chat_rest_capacity,chat_rest_utilization}",
    "queue_analytics.{wait_times,throughput}.*",
    "queue_analytics.individual_queues.*.{size,avg_wait,throughput,blocked}",
    "queue_utilization",
    "capacity_info.{base_capacity_per_instance,instance_count}",
    "capacity_info.{weighted_max_capacity,pressure_ratio}",
    "capacity_info.alive_instances.{#,[]}",
    "capacity_info.{accepting_anonymous,accepting_registered,accepting_paid,accepting_privileged}",
    "capacity_info.thresholds.*",
    "throttling_stats.{total_requests,total_throttled,rate_limit_429,backpressure_503}",
    "throttling_stats.{throttle_rate,total_attempted,events_per_hour,recent_events_count}",
    "throttling_stats.{throttled_by_reason,hourly_stats}",
    "throttling_stats.{throttled_by_reason,hourly_stats}.*",
    "throttling_stats.top_throttled_sessions.#",
    "throttling_stats.top_throttled_sessions.[].{#,[]}",
    "throttling_by_period.*.{total_requests,total_throttled,rate_limit_429,backpressure_503}",
    "throttling_by_period.*.{throttle_rate,total_attempted,events_per_hour,recent_events_count}",
    "throttling_by_period.*.{throttled_by_reason,hourly_stats}",
    "throttling_by_period.*.{throttled_by_reason,hourly_stats}.*",
    "throttling_by_period.*.top_throttled_sessions.#",
    "throttling_by_period.*.top_throttled_sessions.[].{#,[]}",
    "throttling_windows.{1m,15m,1h}.{total_throttled,rate_limit_429,backpressure_503}",
    "throttling_windows.{1m,15m,1h}.events_per_min",
    "recent_throttling_events.#",
    "recent_throttling_events.[].**",
    "circuit_breakers.*.{name,state,failure_count,success_count,last_failure_time}",
    "circuit_breakers.*.{last_success_time,total_requests,total_failures,opened_at}",
    "circuit_breakers.*.{last_state_change,consecutive_failures,consecutive_successes}",
    "circuit_breakers.*.{current_window_failures,half_open_calls}",
    "gateway_configuration.**",
    "gateway_config_raw.**",
    "gateway_config_components.{ingress,proc}.**",
    "capacity_transparency.capacity_metrics.configuration.*",
    "capacity_transparency.capacity_metrics.actual_runtime.*",
    "capacity_transparency.capacity_metrics.health_metrics.process_health_ratio",
    "capacity_transparency.capacity_metrics.health_metrics.capacity_utilization_from_load",
    "capacity_transparency.capacity_metrics.health_metrics.processes_vs_configured.*",
    "capacity_transparency.capacity_metrics.threshold_ratios.*",
    "capacity_transparency.instance_scaling.*",
    "capacity_transparency.current_thresholds.*",
    "capacity_transparency.threshold_breakdown.*",
    "capacity_transparency.capacity_warnings.{#,[]}",
    "db_connections.{max_connections,source,pool_max_per_worker,processes_per_instance}",
    "db_connections.{estimated_per_instance,instance_count,estimated_total,percent_of_max}",
    "db_connections.{warning,warning_reason,warning_level}",
    "sse_connections",
    "sse_connections.{total_connections,max_connections,sessions,processes,source}",
    "connection_pools.components.*.postgres.*",
    "connection_pools.components.*.redis.*.*",
    "connection_pools.components.*.{utilization_windows,in_use_windows}",
    "connection_pools.components.*.{utilization_windows,in_use_windows}.*.{1m,15m,1h,max}",
    "timestamp",
    "redis_info.{process_keys_found,active_processes,chat_rest_processes,max_queue_size}",
};

struct Difference {
  const char* scenarios;  // "*": any
  const char* defect;
  const char* field;
};

constexpr const char* kD4 = "D4: means over polls, of whoever polls; ours are over time";
constexpr const char* kD5 = "D5: no capacity is no pressure, not 1.0";
constexpr const char* kD2 = "D1, D2: a full or busy process is capacity";
constexpr const char* kD6 =
    "D6: stale is older than the one configured limit, everywhere; draining "
    "is what the process says";
constexpr const char* kD17 =
    "D17: failures of the window, the state the breaker obeys, no invented time";
constexpr const char* kD19 = "D19: sliding hours; attempted are admitted and refused requests";
constexpr const char* kD15 = "D15: a heartbeat without a time is none";
constexpr const char* kR11 = "R11: impossible numbers are left out, a process from the future too";
constexpr const char* kBad = "D11, R11: an entry with an unusable part is left out whole";
constexpr const char* kText = "R6: text and booleans are not numbers";

constexpr Difference kDifferences[] = {
    {"*", kD4,
     "components.*.pools_aggregate.{utilization_windows,in_use_windows}.*.{1m,15m,1h,max}"},
    {"*", kD4,
     "connection_pools.components.*.{utilization_windows,in_use_windows}.*.{1m,15m,1h,max}"},
    {"*", kD4, "components.ingress.sse.windows.{1m,15m,1h,max}"},
    {"*", kD4, "components.proc.queue.windows.{pressure_ratio,depth}.{1m,15m,1h,max}"},
    {"*", kD17, "circuit_breakers.*.{last_state_change,state,current_window_failures}"},
    {"*", kD19, "throttling_stats.{total_requests,throttle_rate,total_attempted}"},
    {"*", kD19, "throttling_by_period.*.{total_requests,throttle_rate,total_attempted}"},

    {"cold", kD5, "autoscaler.proc.{decision,scale_up}"},
    {"cold", kD5, "autoscaler.proc.reasons.{#,[]}"},
    {"cold", kD5, "backpressure_policy.current_effects.pressure_level"},
    {"cold", kD5, "queue_utilization"},

    {"cold queue_pressure large_small hostile", kD2, "**.pressure_ratio"},
    {"cold queue_pressure large_small hostile", kD2,
     "autoscaler.proc.signals.queue_pressure_ratio"},
    {"cold queue_pressure large_small hostile stale", kD2,
     "backpressure_policy.capacity_scaling.*"},
    {"queue_pressure large_small hostile", kD2, "**.thresholds.*"},
    {"queue_pressure large_small hostile", kD2, "queue_utilization"},
    {"queue_pressure large_small hostile", kD2, "**.weighted_max_capacity"},
    {"queue_pressure large_small hostile", kD2, "redis_info.max_queue_size"},
    {"queue_pressure large_small hostile stale", kD2,
     "capacity_transparency.capacity_metrics.actual_runtime.*"},
    {"queue_pressure large_small hostile stale", kD2,
     "capacity_transparency.capacity_metrics.health_metrics.**"},
    {"queue_pressure large_small hostile stale", kD2, "capacity_transparency.instance_scaling.*"},
    {"queue_pressure large_small hostile stale", kD2, "capacity_transparency.current_thresholds.*"},
    {"queue_pressure large_small hostile stale", kD2,
     "capacity_transparency.threshold_breakdown.*"},
    {"queue_pressure hostile stale", kD2, "capacity_transparency.capacity_warnings.{#,[]}"},
    {"queue_pressure", kD2, "**.{accepting_paid,accepting_privileged}"},
    {"queue_pressure", kD2, "components.proc.queue.accepting.{paid,privileged}"},
    {"queue_pressure", kD2,
     "backpressure_policy.current_effects.{paid_blocked,all_blocked,pressure_level}"},
    {"queue_pressure", kD2, "queue_analytics.individual_queues.{paid,privileged}.blocked"},
    {"queue_pressure", kD2, "autoscaler.proc.reasons.[]"},
    {"queue_pressure stale hostile", kD2, "components.proc.instances.[].statuses.[]"},
    {"queue_pressure stale hostile", kD2, "instances.*.chat_proc.{health,healthy_processes}"},
    {"queue_pressure stale hostile", kD2, "instances.*.chat_proc.status_breakdown.*"},
    {"queue_pressure stale hostile", kD2, "instances.*.chat_proc.health_statuses.{#,[]}"},

    {"stale", kD2, "components.proc.healthy_processes"},
    {"stale", kD2, "components.proc.instances.[].healthy_processes"},
    {"stale", kD2, "global_stats.{healthy,healthy_instances}"},
    {"stale", kD6, "components.*.instances.[].draining"},
    {"stale", kD6, "**.alive_instances.{#,[]}"},
    {"stale", kD6, "queue_stats.capacity_context.instance_count"},
    {"stale", kD6, "{enhanced_queue_stats,capacity_info}.instance_count"},
    {"stale", kD6, "db_connections.{instance_count,estimated_total,percent_of_max}"},
    {"stale", kD6, "db_connections.{warning_reason,warning_level}"},

    {"hostile", kBad,
     "components.ingress.sse.{total_connections,max_connections,sessions,utilization_percent}"},
    {"hostile", kBad, "sse_connections.{total_connections,max_connections,sessions,processes}"},
    {"hostile", kBad, "autoscaler.ingress.signals.sse_utilization_percent"},
    {"hostile", kR11, "components.proc.{healthy_processes,load,capacity,utilization_percent}"},
    {"hostile", kR11,
     "components.proc.instances.[].{healthy_processes,capacity,load,utilization_percent}"},
    {"hostile", kR11, "autoscaler.proc.signals.utilization_percent"},
    {"hostile", kR11, "global_stats.{load,capacity,healthy,utilization_percent}"},
    {"hostile", kD15, "global_stats.{healthy_instances,total_instances}"},
    {"hostile", kD15, "instances.*.chat_proc.**"},
    {"hostile", kText, "**.async_decode.total_total"},
    {"hostile", kText, "queue_stats.analytics.avg_wait_times.registered"},
    {"hostile", kText, "queue_analytics.wait_times.registered"},
    {"hostile", kText, "queue_analytics.individual_queues.registered.avg_wait"},
};

struct Corrected {
  const char* scenario;
  const char* pointer;  // JSON pointer
  Json value;
};

const Corrected kCorrected[] = {
    {"queue_pressure", "/capacity_info/weighted_max_capacity", 93},
    {"queue_pressure", "/chatscale/capacity/upstream", 62},
    {"queue_pressure", "/chatscale/capacity/upstream_pressure_ratio", 80.0 / 62},
    {"queue_pressure", "/capacity_info/pressure_ratio", 80.0 / 93},
    {"queue_pressure", "/components/proc/queue/thresholds/hard_limit_threshold", 91},
    {"queue_pressure", "/components/proc/queue/accepting/privileged", true},
    {"queue_pressure", "/components/proc/queue/accepting/registered", false},
    {"large_small", "/capacity_info/weighted_max_capacity", 620},
    {"large_small", "/chatscale/capacity/upstream", 558},
    {"stale", "/capacity_info/weighted_max_capacity", 279},
    {"stale", "/components/proc/healthy_processes", 9},
    {"stale", "/capacity_info/instance_count", 13},
    {"stale", "/instances/proc-plain-unhealthy/chat_proc/health", "unhealthy"},
    {"stale", "/instances/proc-unhealthy/chat_proc/health", "degraded"},
    {"stale", "/instances/proc-50s/chat_proc/health_statuses/0", "stale"},
    {"cold", "/capacity_info/pressure_ratio", nullptr},
    {"cold", "/chatscale/capacity/upstream_pressure_ratio", 1.0},
    {"cold", "/autoscaler/proc/decision", "hold"},
    {"throttled", "/circuit_breakers/rate_limiter/state", "half_open"},
    {"throttled", "/circuit_breakers/backpressure/current_window_failures", 0},
    {"throttled", "/circuit_breakers/authentication/current_window_failures", 17},
    {"steady", "/circuit_breakers/authentication/last_state_change", nullptr},
    {"hostile", "/capacity_info/weighted_max_capacity", 279},
    {"hostile", "/sse_connections/total_connections", 199},
    {"hostile", "/components/proc/load", 12.5},
};

using Path = std::vector<std::string>;

bool SegmentMatches(const std::string& pattern, const std::string& segment) {
  if (pattern == "*") return segment != "[]" && segment != "#";
  if (pattern.front() != '{') return pattern == segment;
  const std::vector<std::string> names = absl::StrSplit(pattern.substr(1, pattern.size() - 2), ',');
  return std::find(names.begin(), names.end(), segment) != names.end();
}

bool Matches(const Path& pattern, std::size_t p, const Path& path, std::size_t i) {
  if (p == pattern.size()) return i == path.size();
  if (pattern[p] == "**") {
    for (std::size_t j = i; j <= path.size(); ++j) {
      if (Matches(pattern, p + 1, path, j)) return true;
    }
    return false;
  }
  return i < path.size() && SegmentMatches(pattern[p], path[i]) &&
         Matches(pattern, p + 1, path, i + 1);
}

Path PatternOf(const char* text) {
  Path segments = absl::StrSplit(text, '.');
  return segments;
}

// Calls use(path, recorded, ours) for each leaf of the recorded document; `ours` is null when
// absent.
template <typename Use>
void EachLeaf(const Json& recorded, const Json* ours, Path& path, const Use& use) {
  if (recorded.is_object() && !recorded.empty()) {
    for (const auto& [name, value] : recorded.items()) {
      path.push_back(name);
      const bool there = ours != nullptr && ours->is_object() && ours->contains(name);
      EachLeaf(value, there ? &(*ours)[name] : nullptr, path, use);
      path.pop_back();
    }
    return;
  }
  if (!recorded.is_array()) {
    use(path, recorded, ours);
    return;
  }
  const bool list = ours != nullptr && ours->is_array();
  const Json size = list ? Json(ours->size()) : Json();
  path.emplace_back("#");
  use(path, Json(recorded.size()), &size);
  path.back() = "[]";
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    EachLeaf(recorded[i], list && i < ours->size() ? &(*ours)[i] : nullptr, path, use);
  }
  path.pop_back();
}

bool Same(const Json& a, const Json& b) {
  if (!a.is_number() || !b.is_number()) return a == b;
  const double x = a.get<double>(), y = b.get<double>();
  return std::fabs(x - y) <= 1e-9 * std::max(1.0, std::fabs(x));
}

// Puts the arrays that have no order into one.
void Sort(Json& document) {
  for (Json* context : {&document["queue_stats"]["capacity_context"], &document["capacity_info"],
                        &document["enhanced_queue_stats"]}) {
    std::sort((*context)["alive_instances"].begin(), (*context)["alive_instances"].end());
  }
  Json& warnings = document["capacity_transparency"]["capacity_warnings"];
  std::sort(warnings.begin(), warnings.end());
}

const Difference* KnownDifference(const std::string& scenario, const Path& path) {
  for (const Difference& known : kDifferences) {
    const std::vector<std::string> names = absl::StrSplit(known.scenarios, ' ');
    const bool here = known.scenarios == std::string("*") ||
                      std::find(names.begin(), names.end(), scenario) != names.end();
    if (here && Matches(PatternOf(known.field), 0, path, 0)) return &known;
  }
  return nullptr;
}

class RedisScenarioTest : public testing::TestWithParam<const char*> {
 protected:
  RedisScenarioTest() : scenario_(GetParam()) {
    server_.Load(scenario_.resp);
    auto readings = NewSource(scenario_, server_)->Take(scenario_.now, absl::Seconds(5));
    part_ = std::move(readings.at(0).parts.at(0));
  }

  RedisScenario scenario_;
  RedisServer server_;
  PartReading part_;
};

TEST_P(RedisScenarioTest, EveryFieldOfTheDocumentAgrees) {
  ASSERT_TRUE(part_.snapshot.ok()) << part_.snapshot.status();
  Json recorded = Json::parse(ReadScenarioFile(scenario_.name, "system.json"));
  Json ours = Json::parse(part_.document());
  Sort(recorded);
  Sort(ours);
  std::set<std::string> listed;
  Path path;
  EachLeaf(recorded, &ours, path, [&](const Path& at, const Json& theirs, const Json* mine) {
    const bool in_table =
        std::any_of(std::begin(kFields), std::end(kFields),
                    [&](const char* field) { return Matches(PatternOf(field), 0, at, 0); });
    EXPECT_TRUE(in_table) << absl::StrJoin(at, ".") << " is in no table";
    if (mine != nullptr && Same(theirs, *mine)) return;
    const Difference* known = KnownDifference(scenario_.name, at);
    EXPECT_TRUE(known != nullptr) << absl::StrJoin(at, ".") << ": recorded " << theirs << ", ours "
                                  << (mine == nullptr ? "absent" : mine->dump());
  });
  for (const Corrected& corrected : kCorrected) {
    if (corrected.scenario != scenario_.name) continue;
    const Json value = ours.at(Json::json_pointer(corrected.pointer));
    EXPECT_TRUE(Same(corrected.value, value)) << corrected.pointer << " is " << value;
  }
}

// The rolling means are time-weighted (D4): no mean lies outside of what was seen in the hour.
TEST_P(RedisScenarioTest, MeansLieWithinTheRecordedHour) {
  const Json recorded = Json::parse(ReadScenarioFile(scenario_.name, "system.json"));
  const Json& windows = recorded["components"]["proc"]["queue"]["windows"]["depth"];
  const WindowMeans& depth = part_.snapshot->queue.window_depth;
  EXPECT_NEAR(*depth.max, windows["max"].get<double>(), 0.01);
  for (const MaybeNumber& mean : depth.mean) {
    ASSERT_TRUE(mean);
    EXPECT_GE(*mean, 0);
    EXPECT_LE(*mean, *depth.max);
  }
}

TEST_P(RedisScenarioTest, TheKeysAgree) {
  const Json recorded = Json::parse(ReadScenarioFile(scenario_.name, "extract.json"));
  const Json document = Json::parse(part_.document());
  for (const UpstreamKey& key : UpstreamKeys()) {
    const MaybeNumber ours = key.read(*part_.snapshot);
    const std::string name(key.key);
    if (name.ends_with(".1m")) continue;  // D4, see above
    const bool of_capacity = name.starts_with("proc.") && name.find(".avg") == std::string::npos &&
                             (name.find("pressure") != std::string::npos ||
                              name.find("utilization") != std::string::npos);
    const bool corrected = document["chatscale"]["capacity"]["upstream"] !=
                               document["chatscale"]["capacity"]["corrected"] ||
                           scenario_.name == "cold";
    if (of_capacity && corrected) {
      const MaybeNumber room = part_.snapshot->queue.capacity.corrected;
      if (*room <= 0) {
        EXPECT_FALSE(ours) << name << ": " << kD5;
      } else {
        const double ratio = *part_.snapshot->queue.total / *room;
        EXPECT_NEAR(*ours, name.ends_with("percent") ? 100 * ratio : ratio, 1e-9) << kD2;
      }
    } else if (scenario_.name == "hostile" && name.starts_with("ingress.sse.")) {
      EXPECT_TRUE(ours) << kBad;
    } else if (scenario_.name == "hostile" && name == "proc.queue.avg_wait_seconds.registered") {
      EXPECT_FALSE(ours) << kText;
    } else if (!recorded.contains(name)) {
      // D7: 0 ms is a value.
      EXPECT_TRUE(!ours || (*ours == 0 && name.ends_with("_ms"))) << name << " is " << *ours;
    } else {
      ASSERT_TRUE(ours) << name;
      EXPECT_NEAR(*ours, recorded[name].get<double>(), 1e-9 * std::fabs(*ours)) << name;
    }
  }
}

// Whoever reads our document gets what we publish ourselves.
TEST_P(RedisScenarioTest, TheDocumentSaysWhatTheSnapshotSays) {
  const auto parsed = ParseMonitoringDocument(part_.document());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Snapshot& own = *part_.snapshot;
  EXPECT_EQ(parsed->proc.healthy_processes, own.proc.healthy_processes);
  EXPECT_EQ(parsed->proc.unhealthy_processes, own.proc.unhealthy_processes);
  EXPECT_EQ(parsed->proc.stale_processes, own.proc.stale_processes);
  EXPECT_EQ(parsed->sse.connections, own.sse.connections);
  EXPECT_EQ(parsed->queue.depth, own.queue.depth);
  EXPECT_EQ(parsed->queue.waiting, own.queue.waiting);
  EXPECT_EQ(parsed->queue.oldest_waiting_seconds, own.queue.oldest_waiting_seconds);
  EXPECT_EQ(parsed->queue.capacity.corrected, own.queue.capacity.corrected);
  EXPECT_EQ(parsed->rest[2].p99_seconds, own.rest[2].p99_seconds);
  EXPECT_EQ(parsed->gateway_proc.capacity_buffer, own.gateway_proc.capacity_buffer);
  EXPECT_EQ(parsed->db.estimated, own.db.estimated);
}

INSTANTIATE_TEST_SUITE_P(Recorded, RedisScenarioTest,
                         testing::Values("steady", "sse_saturated", "queue_pressure", "idle",
                                         "cold", "stale", "throttled", "two_tenants", "large_small",
                                         "hostile"),
                         [](const auto& scenario) { return std::string(scenario.param); });

// Two tenants share ingress instances, between neighbours whose names nearly match theirs.
TEST(RedisTargetsTest, TwoTenantsAreReadAtOnceAndNeitherLeaks) {
  const RedisScenario scenario("two_tenants");
  RedisServer server;
  server.Load(scenario.resp);
  RedisSourceOptions options = scenario.options;
  options.url = server.UnixUrl();
  options.targets = {{"acme", "assist"}, {"globex", "bot"}};
  auto source = RedisSource::Create(std::move(options));
  ASSERT_TRUE(source.ok());
  const auto readings = (*source)->Take(scenario.now, absl::Seconds(5));
  ASSERT_EQ(readings.size(), 2u);
  for (const TargetReading& reading : readings) {
    const std::string suffix = reading.target.tenant == "globex" ? ".globex-bot" : "";
    const Json recorded =
        Json::parse(ReadScenarioFile("two_tenants", "extract" + suffix + ".json"));
    const auto& snapshot = reading.parts[0].snapshot;
    ASSERT_TRUE(snapshot.ok());
    for (const UpstreamKey& key : UpstreamKeys()) {
      if (key.key.ends_with(".1m")) continue;  // D4
      const MaybeNumber ours = key.read(*snapshot);
      ASSERT_EQ(ours.has_value(), recorded.contains(key.key)) << key.key;
      if (!ours) continue;
      EXPECT_NEAR(*ours, recorded[std::string(key.key)].get<double>(), 1e-9 * *ours + 1e-12);
    }
  }
}

}  // namespace
}  // namespace chatscale
