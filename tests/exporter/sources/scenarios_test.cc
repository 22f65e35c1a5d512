// Recordings of the real upstream system: its document gives its scalars, its defects apart.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "exporter/core/upstream_keys.h"
#include "exporter/sources/monitoring_json.h"

namespace chatscale {
namespace {

std::string ReadFixture(const std::string& path) {
  std::ifstream file(std::string(CHATSCALE_FIXTURES) + "/scenarios/" + path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Scenario {
  const char* name;
  const char* document;
  const char* extract;
  // The processor's capacity as it should be, and why the upstream's differs; 0 when it agrees.
  double capacity;
  const char* defect;
};

constexpr Scenario kScenarios[] = {
    {"steady", "system", "extract", 0, ""},
    {"sse_saturated", "system", "extract", 0, ""},
    {"queue_pressure", "system", "extract", 93, "D2: a process at 7/8 counts as none"},
    {"idle", "system", "extract", 0, ""},
    {"cold", "system", "extract", -1, "D5: no capacity is no pressure, not 1.0"},
    {"stale", "system", "extract", 310, "D2, D6: degraded ones counted as none, stale ones counted"},
    {"throttled", "system", "extract", 0, ""},
    {"two_tenants", "system", "extract", 0, ""},
    {"large_small", "system", "extract", 620, "D2: two degraded processes count as none"},
    {"hostile", "system", "extract", 0, ""},
    {"steady", "ingress_system", "ingress_extract", 93, "D3"},
    {"sse_saturated", "ingress_system", "ingress_extract", 93, "D3"},
    {"queue_pressure", "ingress_system", "ingress_extract", 93, "D2, D3"},
    {"idle", "ingress_system", "ingress_extract", 155, "D3"},
    {"cold", "ingress_system", "ingress_extract", -1, "D5"},
    {"stale", "ingress_system", "ingress_extract", 310, "D2, D3, D6"},
    {"throttled", "ingress_system", "ingress_extract", 93, "D3"},
    {"two_tenants", "ingress_system", "ingress_extract", 62, "D3"},
    {"large_small", "ingress_system", "ingress_extract", 620, "D2, D3"},
    {"hostile", "ingress_system", "ingress_extract", 310, "D3"},
};

void PrintTo(const Scenario& scenario, std::ostream* out) {
  *out << scenario.name << '/' << scenario.document;
}

class ScenarioTest : public testing::TestWithParam<Scenario> {};

// What the upstream exported, with the listed corrections.
std::map<std::string, double> Expected(const Scenario& scenario) {
  std::map<std::string, double> expected;
  const auto recorded = nlohmann::json::parse(
      ReadFixture(std::string(scenario.name) + "/" + scenario.extract + ".json"));
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

TEST_P(ScenarioTest, TheDocumentGivesTheRecordedScalars) {
  const Scenario& scenario = GetParam();
  const auto snapshot = ParseMonitoringDocument(
      ReadFixture(std::string(scenario.name) + "/" + scenario.document + ".json"));
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  std::map<std::string, double> expected = Expected(scenario);
  if (snapshot->queue.wait[0].p95_seconds == 0.0) expected["proc.queue.wait.p95_ms"] = 0;  // D7
  std::map<std::string, double> actual;
  for (const UpstreamKey& key : UpstreamKeys()) {
    if (const MaybeNumber value = key.read(*snapshot)) actual[std::string(key.key)] = *value;
  }
  for (const auto& [key, value] : expected) {
    ASSERT_TRUE(actual.count(key)) << key << " is missing";
    EXPECT_NEAR(actual[key], value, 1e-9 * std::fabs(value)) << key << " " << scenario.defect;
  }
  EXPECT_EQ(actual.size(), expected.size());
  // Hostile: one field the upstream passed on in a wrong form.
  EXPECT_EQ(snapshot->malformed_fields, scenario.name == std::string("hostile") ? 1 : 0);
}

INSTANTIATE_TEST_SUITE_P(Recorded, ScenarioTest, testing::ValuesIn(kScenarios),
                         [](const auto& scenario) {
                           return std::string(scenario.param.name) + "_" + scenario.param.document;
                         });

}  // namespace
}  // namespace chatscale
