#include "tests/support/scenario.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "exporter/metrics/naming.h"
#include "tests/support/fixtures.h"

namespace chatscale {

std::map<std::string, double> ExpectedScalars(const Scenario& scenario) {
  std::map<std::string, double> expected;
  const auto recorded = nlohmann::json::parse(
      ReadScenario(std::string(scenario.name) + "/" + scenario.extract + ".json"));
  for (const auto& [key, value] : recorded.items()) expected[key] = value.get<double>();
  for (const char* key : {"proc.queue.pressure_ratio", "proc.queue.utilization_ratio",
                          "proc.pressure_ratio_percent", "proc.queue.utilization_percent"}) {
    if (scenario.capacity < 0) expected.erase(key);
    if (scenario.capacity > 0) {
      const double ratio = expected["proc.queue.total"] / scenario.capacity;
      expected[key] = std::string(key).ends_with("percent") ? 100 * ratio : ratio;
    }
  }
  return expected;
}

void PrintTo(const Scenario& scenario, std::ostream* out) {
  *out << scenario.name << '/' << scenario.document;
}

const std::vector<Scenario>& Scenarios() {
  static const std::vector<Scenario> scenarios = {
      {"steady", "system", "extract", 0, ""},
      {"sse_saturated", "system", "extract", 0, ""},
      {"queue_pressure", "system", "extract", 93, "D2: a process at 7/8 counts as none"},
      {"idle", "system", "extract", 0, ""},
      {"cold", "system", "extract", -1, "D5: no capacity is no pressure, not 1.0"},
      {"stale", "system", "extract", 341,
       "D2, D6: degraded ones counted as none, stale ones counted; one has 16 slots, not 8"},
      {"throttled", "system", "extract", 0, ""},
      {"two_tenants", "system", "extract", 0, ""},
      {"large_small", "system", "extract", 620, "D2: two degraded processes count as none"},
      {"hostile", "system", "extract", 0, ""},
      {"steady", "ingress_system", "ingress_extract", 93, "D3"},
      {"sse_saturated", "ingress_system", "ingress_extract", 93, "D3"},
      {"queue_pressure", "ingress_system", "ingress_extract", 93, "D2, D3"},
      {"idle", "ingress_system", "ingress_extract", 155, "D3"},
      {"cold", "ingress_system", "ingress_extract", -1, "D5"},
      {"stale", "ingress_system", "ingress_extract", 341, "D2, D3, D6"},
      {"throttled", "ingress_system", "ingress_extract", 93, "D3"},
      {"two_tenants", "ingress_system", "ingress_extract", 62, "D3"},
      {"large_small", "ingress_system", "ingress_extract", 620, "D2, D3"},
      {"hostile", "ingress_system", "ingress_extract", 310, "D3"},
  };
  return scenarios;
}

std::string DocumentOf(const Scenario& scenario) {
  return ReadScenario(std::string(scenario.name) + "/" + scenario.document + ".json");
}

void ExpectRecordedScalars(const Scenario& scenario, const Snapshot& snapshot) {
  std::map<std::string, double> expected = ExpectedScalars(scenario);
  if (snapshot.queue.wait[0].p95_seconds == 0.0) expected["proc.queue.wait.p95_ms"] = 0;  // D7
  std::map<std::string, double> actual;
  for (const UpstreamKey& key : UpstreamKeys()) {
    if (const MaybeNumber value = key.Read(snapshot)) actual[std::string(key.key())] = *value;
  }
  for (const auto& [key, value] : expected) {
    ASSERT_TRUE(actual.count(key)) << key << " is missing";
    EXPECT_NEAR(actual[key], value, 1e-9 * std::fabs(value)) << key << " " << scenario.defect;
  }
  EXPECT_EQ(actual.size(), expected.size());
  // Hostile: one field the upstream passed on in a wrong form, and loads and slots of 1e15.
  EXPECT_EQ(snapshot.malformed.Total(), scenario.name == std::string("hostile") ? 5 : 0);
}

}  // namespace chatscale
