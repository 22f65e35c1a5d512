// Each recorded state of Redis, loaded into a real server, gives the document the upstream computed
// from it, field by field. A field that differs does so on purpose: the first table says for which
// defect of the upstream (docs/upstream.md), the scenario's differences.txt from what to what;
// the second table holds figures that were worked out by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "exporter/document/monitoring_json.h"
#include "exporter/metrics/naming.h"
#include "tests/exporter/redis/redis_scenario.h"
#include "tests/support/golden.h"

namespace chatscale {
namespace {

using Json = nlohmann::json;

struct Difference {
  const char* scenarios;  // "*": any
  const char* defect;
  // Segments: a name, {one,of,these}, * (any one), ** (all that follows).
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
constexpr const char* kD7 = "D7: 0 ms is a value";
constexpr const char* kD14 = "D14: external tasks are shown";
constexpr const char* kD15 = "D15: a heartbeat without a time is none";
constexpr const char* kR11 = "R11: impossible numbers are left out, a process from the future too";
constexpr const char* kBad = "D11, R11: an entry with an unusable part is left out whole";
constexpr const char* kD28 = "D28: one process has 16 slots, the configuration says 8";
constexpr const char* kText = "R6: text and booleans are not numbers";

constexpr Difference kDifferences[] = {
    {"*", kD4,
     "components/*/pools_aggregate/{utilization_windows,in_use_windows}/*/{1m,15m,1h,max}"},
    {"*", kD4,
     "connection_pools/components/*/{utilization_windows,in_use_windows}/*/{1m,15m,1h,max}"},
    {"*", kD4, "components/ingress/sse/windows/{1m,15m,1h,max}"},
    {"*", kD4, "components/proc/queue/windows/{pressure_ratio,depth}/{1m,15m,1h,max}"},
    {"*", kD17, "circuit_breakers/*/{last_state_change,state,current_window_failures}"},
    {"*", kD4, "extract/{proc.queue.depth.1m,proc.queue.pressure_ratio.1m}"},
    {"*", kD14, "queue_stats/external"},
    {"*", kD14, "enhanced_queue_stats/external_queue"},
    {"*", kD14, "queue_analytics/individual_queues/external/*"},
    {"*", kD6, "instances/*/*/status_breakdown/draining"},
    {"*", kD19, "throttling_stats/{total_requests,throttle_rate,total_attempted}"},
    {"*", kD19, "throttling_by_period/*/{total_requests,throttle_rate,total_attempted}"},

    {"cold", kD5, "autoscaler/proc/{decision,scale_up}"},
    {"cold", kD5, "autoscaler/proc/reasons"},
    {"cold", kD5, "autoscaler/proc/reasons/*"},
    {"cold", kD5, "extract/{proc.queue.utilization_percent,proc.queue.utilization_ratio}"},
    {"cold", kD5, "extract/{proc.pressure_ratio_percent,proc.queue.pressure_ratio}"},
    {"idle", kD7, "extract/proc.queue.wait.p95_ms"},
    {"cold", kD5, "backpressure_policy/current_effects/pressure_level"},
    {"cold", kD5, "queue_utilization"},

    {"cold queue_pressure large_small hostile", kD2, "**/pressure_ratio"},
    {"cold queue_pressure large_small hostile", kD2,
     "autoscaler/proc/signals/queue_pressure_ratio"},
    {"cold queue_pressure large_small hostile stale", kD2,
     "backpressure_policy/capacity_scaling/*"},
    {"queue_pressure large_small hostile", kD2, "**/thresholds/*"},
    {"queue_pressure large_small hostile", kD2, "queue_utilization"},
    {"queue_pressure large_small hostile", kD2, "**/weighted_max_capacity"},
    {"queue_pressure large_small hostile", kD2, "redis_info/max_queue_size"},
    {"queue_pressure large_small hostile stale", kD2,
     "capacity_transparency/capacity_metrics/actual_runtime/*"},
    {"queue_pressure large_small hostile stale", kD2,
     "capacity_transparency/capacity_metrics/health_metrics/**"},
    {"queue_pressure large_small hostile stale", kD2, "capacity_transparency/instance_scaling/*"},
    {"queue_pressure large_small hostile stale", kD2, "capacity_transparency/current_thresholds/*"},
    {"queue_pressure large_small hostile stale", kD2,
     "capacity_transparency/threshold_breakdown/*"},
    {"queue_pressure hostile stale", kD2, "capacity_transparency/capacity_warnings/*"},
    {"queue_pressure", kD2, "**/{accepting_paid,accepting_privileged}"},
    {"queue_pressure", kD2, "components/proc/queue/accepting/{paid,privileged}"},
    {"queue_pressure", kD2,
     "backpressure_policy/current_effects/{paid_blocked,all_blocked,pressure_level}"},
    {"queue_pressure", kD2, "queue_analytics/individual_queues/{paid,privileged}/blocked"},
    {"queue_pressure", kD2, "autoscaler/proc/reasons/*"},
    {"queue_pressure", kD2, "capacity_transparency/capacity_warnings"},
    {"queue_pressure large_small hostile", kD2,
     "extract/{proc.queue.utilization_percent,proc.queue.utilization_ratio}"},
    {"queue_pressure large_small hostile", kD2,
     "extract/{proc.pressure_ratio_percent,proc.queue.pressure_ratio}"},
    {"queue_pressure stale hostile", kD2, "components/proc/instances/*/statuses/*"},
    {"queue_pressure stale hostile", kD2, "instances/*/chat_proc/{health,healthy_processes}"},
    {"queue_pressure stale hostile", kD2, "instances/*/chat_proc/status_breakdown/*"},
    {"queue_pressure stale hostile", kD2, "instances/*/chat_proc/health_statuses/*"},

    {"stale", kD28, "extract/{proc.queue.utilization_percent,proc.queue.utilization_ratio}"},
    {"stale", kD28, "extract/{proc.pressure_ratio_percent,proc.queue.pressure_ratio}"},
    {"stale", kD2, "components/proc/healthy_processes"},
    {"stale", kD2, "components/proc/instances/*/healthy_processes"},
    {"stale", kD2, "global_stats/{healthy,healthy_instances}"},
    {"stale", kD6, "components/*/instances/*/draining"},
    {"stale", kD6, "**/alive_instances/*"},
    {"stale", kD6, "queue_stats/capacity_context/instance_count"},
    {"stale", kD6, "{enhanced_queue_stats,capacity_info}/instance_count"},
    {"stale", kD6, "db_connections/{instance_count,estimated_total,percent_of_max}"},
    {"stale", kD6, "db_connections/{warning_reason,warning_level}"},

    {"hostile", kBad,
     "components/ingress/sse/{total_connections,max_connections,sessions,utilization_percent}"},
    {"hostile", kBad,
     "extract/{ingress.sse.total_connections,ingress.sse.max_connections,ingress.sse.sessions}"},
    {"hostile", kBad, "extract/{ingress.sse.saturation_percent,ingress.sse.saturation_ratio}"},
    {"hostile", kBad, "sse_connections/{total_connections,max_connections,sessions,processes}"},
    {"hostile", kBad, "autoscaler/ingress/signals/sse_utilization_percent"},
    {"hostile", kR11, "components/proc/{healthy_processes,load,capacity,utilization_percent}"},
    {"hostile", kR11,
     "components/proc/instances/*/{healthy_processes,capacity,load,utilization_percent}"},
    {"hostile", kR11, "autoscaler/proc/signals/utilization_percent"},
    {"hostile", kR11, "global_stats/{load,capacity,healthy,utilization_percent}"},
    {"hostile", kD15, "global_stats/{healthy_instances,total_instances}"},
    {"hostile", kD15, "instances/*/chat_proc/**"},
    {"hostile", kText, "**/async_decode/total_total"},
    {"hostile", kText, "queue_stats/analytics/avg_wait_times/registered"},
    {"hostile", kText, "queue_analytics/wait_times/registered"},
    {"hostile", kText, "queue_analytics/individual_queues/registered/avg_wait"},
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
  if (pattern == "*") return true;
  if (pattern.front() != '{') return pattern == segment;
  const Path names = absl::StrSplit(pattern.substr(1, pattern.size() - 2), ',');
  return std::find(names.begin(), names.end(), segment) != names.end();
}

bool Matches(std::span<const std::string> pattern, std::span<const std::string> path) {
  if (pattern.empty()) return path.empty();
  if (pattern[0] == "**") {
    return Matches(pattern.subspan(1), path) ||
           (!path.empty() && Matches(pattern, path.subspan(1)));
  }
  return !path.empty() && SegmentMatches(pattern[0], path[0]) &&
         Matches(pattern.subspan(1), path.subspan(1));
}

bool Concerns(const Difference& known, const std::string& scenario) {
  const Path names = absl::StrSplit(known.scenarios, ' ');
  return known.scenarios == std::string("*") ||
         std::find(names.begin(), names.end(), scenario) != names.end();
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

// What differs, a line each, by the row of the first table that says why.
using Lines = std::map<const Difference*, std::vector<std::string>>;

Lines Differences(const std::string& scenario, const Json& recorded, const Json& ours) {
  const Json theirs_flat = recorded.flatten(), ours_flat = ours.flatten();
  std::set<std::string> pointers;
  for (const auto& [pointer, value] : theirs_flat.items()) pointers.insert(pointer);
  for (const auto& [pointer, value] : ours_flat.items()) pointers.insert(pointer);
  const auto text = [](const Json& flat, const std::string& pointer) {
    return flat.contains(pointer) ? flat[pointer].dump() : "absent";
  };
  Lines found;
  for (const std::string& pointer : pointers) {
    const bool both = theirs_flat.contains(pointer) && ours_flat.contains(pointer);
    if (both && Same(theirs_flat[pointer], ours_flat[pointer])) continue;
    const Path path = absl::StrSplit(pointer.substr(1), '/');
    const auto* const row = std::find_if(
        std::begin(kDifferences), std::end(kDifferences), [&](const Difference& known) {
          const Path pattern = absl::StrSplit(known.field, '/');
          return Concerns(known, scenario) && Matches(pattern, path);
        });
    const std::string line =
        absl::StrCat(pointer, ": ", text(theirs_flat, pointer), " -> ", text(ours_flat, pointer));
    EXPECT_NE(row, std::end(kDifferences)) << "no reason for " << line;
    found[row].push_back(line);
  }
  return found;
}

class RedisScenarioTest : public testing::TestWithParam<const char*> {
 protected:
  RedisScenarioTest() : scenario_(GetParam()) {
    server_.Load(scenario_.resp);
    auto samples = NewSource(scenario_, server_)->Collect(scenario_.now, absl::Seconds(5));
    part_ = std::move(samples.at(0).parts.at(0));
  }

  RedisScenario scenario_;
  RedisServer server_;
  SourceSample part_;
};

TEST_P(RedisScenarioTest, GoldenDifferencesFromTheRecording) {
  ASSERT_TRUE(part_.snapshot.ok()) << part_.snapshot.status();
  Json recorded = Json::parse(ReadScenarioFile(scenario_.name, "system.json"));
  Json ours = Json::parse(part_.document());
  Sort(recorded);
  Sort(ours);
  for (const Corrected& corrected : kCorrected) {
    if (corrected.scenario != scenario_.name) continue;
    const Json value = ours.at(Json::json_pointer(corrected.pointer));
    EXPECT_TRUE(Same(corrected.value, value)) << corrected.pointer << " is " << value;
  }
  ours.erase("chatscale");  // the upstream has none
  recorded["extract"] = Json::parse(ReadScenarioFile(scenario_.name, "extract.json"));
  ours["extract"] = Json::object();
  for (const UpstreamKey& key : UpstreamKeys()) {
    const MaybeNumber value = key.Read(*part_.snapshot);
    if (value) ours["extract"][std::string(key.key())] = *value;
  }
  const auto differences = Differences(scenario_.name, recorded, ours);
  std::string listed;
  const char* defect = nullptr;
  for (const Difference& row : kDifferences) {
    const auto lines = differences.find(&row);
    if (lines == differences.end()) {
      EXPECT_TRUE(!Concerns(row, scenario_.name) || row.scenarios == std::string("*"))
          << row.field << " does not differ: " << row.defect;
      continue;
    }
    if (row.defect != defect) absl::StrAppend(&listed, "# ", defect = row.defect, "\n");
    absl::StrAppend(&listed, absl::StrJoin(lines->second, "\n"), "\n");
  }
  ExpectGolden(
      std::string(CHATSCALE_FIXTURES) + "/scenarios/" + scenario_.name + "/differences.txt",
      listed);
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

// Whoever reads our document gets what we publish ourselves.
TEST_P(RedisScenarioTest, DocumentMatchesTheSnapshot) {
  const auto parsed = ParseMonitoringDocument(part_.document());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Snapshot& own = *part_.snapshot;
  EXPECT_EQ(parsed->fleet.proc.healthy_processes, own.fleet.proc.healthy_processes);
  EXPECT_EQ(parsed->fleet.proc.unhealthy_processes, own.fleet.proc.unhealthy_processes);
  EXPECT_EQ(parsed->fleet.proc.stale_processes, own.fleet.proc.stale_processes);
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
TEST(RedisTargetsTest, TenantsAreReadTogetherWithoutLeaks) {
  const RedisScenario scenario("two_tenants");
  RedisServer server;
  server.Load(scenario.resp);
  RedisSourceOptions options = scenario.options;
  options.url = server.UnixUrl();
  options.targets = {{"acme", "assist"}, {"globex", "bot"}};
  auto source = RedisSource::Create(std::move(options));
  ASSERT_TRUE(source.ok());
  const auto samples = (*source)->Collect(scenario.now, absl::Seconds(5));
  ASSERT_EQ(samples.size(), 2u);
  for (const TargetSample& sample : samples) {
    const std::string suffix = sample.target.tenant == "globex" ? ".globex-bot" : "";
    const Json recorded =
        Json::parse(ReadScenarioFile("two_tenants", "extract" + suffix + ".json"));
    const auto& snapshot = sample.parts[0].snapshot;
    ASSERT_TRUE(snapshot.ok());
    for (const UpstreamKey& key : UpstreamKeys()) {
      if (key.key().ends_with(".1m")) continue;  // D4
      const MaybeNumber ours = key.Read(*snapshot);
      ASSERT_EQ(ours.has_value(), recorded.contains(key.key())) << key.key();
      if (!ours) continue;
      EXPECT_NEAR(*ours, recorded[std::string(key.key())].get<double>(), 1e-9 * *ours + 1e-12);
    }
  }
}

}  // namespace
}  // namespace chatscale
