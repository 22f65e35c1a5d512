// Every recording of the upstream, served to the program, comes out under the promised names.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/time/clock.h"
#include "exporter/metrics/catalogue.h"
#include "tests/e2e/program.h"
#include "tests/support/scenario.h"
#include "tests/support/stub_behaviours.h"

namespace chatscale {
namespace {

using nlohmann::json;

class ScenarioE2e : public testing::TestWithParam<Scenario> {};

// Seconds under our names, milliseconds under some keys.
double InBaseUnits(const MetricRow& row, double value) {
  return row.unit == Unit::kSeconds && row.InternalKey().ends_with("_ms") ? value / 1000 : value;
}

// What `row` should show; nullopt: nothing.
std::optional<double> ExpectedValue(const MetricRow& row, const json& document,
                                    const std::map<std::string, double>& scalars) {
  const std::string key(row.InternalKey());
  if (key.starts_with("throttling.")) {  // the scalar counts an hour, the promised name a minute
    const json& windows = document.at("throttling_windows");
    if (!windows.contains("1m")) return std::nullopt;
    return windows.at("1m").at(key.substr(key.find('.') + 1)).get<double>();
  }
  if (key == "ingress.rest.latency.p95_ms") {  // in the document, though never exported
    const json p95 =
        document.value("/components/ingress/latency/rest_ms/1m/p95"_json_pointer, json());
    if (!p95.is_number()) return std::nullopt;
    return p95.get<double>() / 1000;
  }
  const auto found = scalars.find(key);
  if (found != scalars.end()) return InBaseUnits(row, found->second);
  return std::nullopt;
}

TEST_P(ScenarioE2e, ExportsRecordedValuesUnderContractNames) {
  const std::string text = DocumentOf(GetParam());
  const json document = json::parse(text);
  const auto scalars = ExpectedScalars(GetParam());
  StubServer upstream(stub::Answer(text));
  Chatscale program = StartChatscale({{"METRICS_MODE", "proxy"},
                                      {"METRICS_INGRESS_BASE_URL", upstream.url()},
                                      {"METRICS_PROC_BASE_URL", upstream.url()},
                                      {"METRICS_PROM_SCRAPE_TTL_SEC", "3600"},
                                      {"TENANT_ID", "t"},
                                      {"PROJECT_ID", "p"}});
  ASSERT_TRUE(program.listening()) << program.process().Err();
  const std::string metrics =
      program.AwaitMetric("chat_exporter_up{tenant=\"t\",project=\"p\",source=\"proc\"} 1\n");
  int checked = 0;
  for (const MetricRow& row : Catalogue()) {
    if (!row.contract || row.InternalKey().empty()) continue;
    const std::string shown =
        ValueOf(metrics, PrometheusName(row.name) + "{tenant=\"t\",project=\"p\"}");
    const auto expected = ExpectedValue(row, document, scalars);
    if (expected) {
      ASSERT_NE(shown, "") << row.name;
      EXPECT_NEAR(std::stod(shown), *expected, 1e-9 * std::fabs(*expected)) << row.name;
    } else {
      // D7: the upstream took a percentile of 0 for a missing one.
      EXPECT_TRUE(shown.empty() || (row.unit == Unit::kSeconds && shown == "0")) << row.name;
    }
    ++checked;
  }
  EXPECT_EQ(checked, 13);
  const json combined = json::parse(Fetch(program.port(), "/metrics/combined").body);
  EXPECT_EQ(combined.at("ingress"), document);
  EXPECT_EQ(combined.at("proc"), document);
  EXPECT_EQ(json::parse(Fetch(program.port(), "/metrics/proc/system").body), document);
}

// {name, value} of each line "name{...} value" that begins with `prefix`.
std::map<std::string, double> SeriesOf(const std::string& text, const std::string& prefix) {
  std::map<std::string, double> series;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(prefix)) continue;
    const std::string name = line.substr(0, line.find_first_of("{ "));
    EXPECT_TRUE(series.emplace(name, std::stod(line.substr(line.rfind(' ')))).second) << name;
  }
  return series;
}

void ExpectSame(const std::map<std::string, double>& expected,
                const std::map<std::string, double>& actual) {
  for (const auto& [name, value] : expected) {
    ASSERT_TRUE(actual.contains(name)) << name;
    EXPECT_NEAR(actual.at(name), value, 1e-9 * std::fabs(value)) << name;
  }
  EXPECT_EQ(actual.size(), expected.size());
}

// The document as of now: CloudWatch takes nothing that is older than two weeks.
std::string Today(std::string document) {
  const std::string field = "\n \"timestamp\": ";  // of the document itself
  const auto at = document.find(field) + field.size();
  const auto now = std::to_string(absl::ToUnixSeconds(absl::Now()));
  return document.replace(at, document.find_first_of(",}", at) - at, now);
}

TEST_P(ScenarioE2e, KdcubeNamingExportsRecordedValues) {
  auto scalars = ExpectedScalars(GetParam());
  StubServer upstream(stub::Answer(Today(DocumentOf(GetParam()))));
  const auto snapshot = [&](const char* format) {
    const Ran ran = RunChatscale({"snapshot", "--format", format},
                                 {{"METRICS_MODE", "proxy"},
                                  {"METRICS_NAMING", "kdcube"},
                                  {"METRICS_INGRESS_BASE_URL", upstream.url()},
                                  {"METRICS_PROC_BASE_URL", upstream.url()},
                                  {"METRICS_CLOUDWATCH_DIMENSIONS_JSON", R"({"env":"prod"})"},
                                  {"TENANT_ID", "t"},
                                  {"PROJECT_ID", "p"}});
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.out;
  };
  const auto scraped = SeriesOf(snapshot("prometheus"), "kdcube_");
  // D7: the upstream took a percentile of 0 for a missing one.
  if (scraped.contains("kdcube_proc_queue_wait_p95_ms")) {
    scalars.emplace("proc.queue.wait.p95_ms", 0);
  }
  std::map<std::string, double> for_prometheus, for_cloudwatch, sent;
  for (const auto& [key, value] : scalars) {
    std::string name = key;
    std::ranges::replace(name, '.', '_');
    for_prometheus["kdcube_" + name] = value;
    name = key;
    std::ranges::replace(name, '.', '/');
    for_cloudwatch[name] = value;
  }
  ExpectSame(for_prometheus, scraped);
  ExpectSame(for_prometheus, SeriesOf(snapshot("pushgateway"), "kdcube_"));
  const json put = json::parse(snapshot("cloudwatch"));
  for (const json& datum : put.at("MetricData")) {
    const std::string name = datum.at("MetricName");
    if (name.starts_with("chat/recommender/")) continue;
    sent[name] = datum.at("Value");
    EXPECT_EQ(datum.at("Unit"), name.ends_with("_percent") ? "Percent" : "Count") << name;
    EXPECT_EQ(datum.at("Dimensions"), json::parse(R"([{"Name":"env","Value":"prod"}])")) << name;
  }
  ExpectSame(for_cloudwatch, sent);
}

INSTANTIATE_TEST_SUITE_P(Recorded, ScenarioE2e, testing::ValuesIn(Scenarios()),
                         [](const auto& scenario) {
                           return std::string(scenario.param.name) + "_" + scenario.param.document;
                         });

}  // namespace
}  // namespace chatscale
