// The labels that the catalogue declares are those that are exported.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "exporter/document/monitoring_json.h"
#include "exporter/metrics/catalogue.h"
#include "exporter/recommendations/signals_of.h"
#include "recommender/recommend.h"
#include "tests/support/child_process.h"
#include "tests/support/samples.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;

// As after a day of evaluations: everything is known.
void Complete(recommender::Recommendation& r) {
  r.desired = r.raw = r.current = 2;
  r.input_age = absl::Seconds(1);
  r.override_until = absl::UnixEpoch();
  r.connection_shortfall = 1;
  auto& sizing = r.sizing;
  for (MaybeNumber* value :
       {&sizing.offered_load, &sizing.service_seconds, &sizing.peakedness, &sizing.startup_seconds,
        &sizing.forecast, &sizing.forecast_helped, &sizing.forecast_idle, &sizing.ahead_share}) {
    *value = 1;
  }
  for (std::size_t i = 0; i < r.rule_count; ++i) r.rules[i].desired = 2;
}

// One target for each recording, each with every kind of trouble the exporter counts.
View Observed() {
  View view;
  view.mode = "proxy";
  for (const auto& folder : fs::directory_iterator(fs::path(CHATSCALE_FIXTURES) / "scenarios")) {
    TargetView target;
    target.target = {folder.path().filename().string(), "p"};
    auto snapshot = ParseMonitoringDocument(ReadFile((folder.path() / "system.json").string()));
    if (snapshot.ok()) {
      const absl::Time now = snapshot->taken_at;
      auto step = recommender::Recommend({}, {}, SignalsOf(*snapshot, {now, now, now}));
      Recommendations recommendations;
      recommendations.evaluated_at = now;
      for (const Service service : kServices) {
        Complete(step.recommendations[service]);
        recommendations.services[service] = {step.recommendations[service], "", {}, now};
      }
      target.recommendations = std::make_shared<const Recommendations>(std::move(recommendations));
      target.snapshot = *std::move(snapshot);
      target.snapshot->counts = {0, 0, 0, 0, TimeHistogram(), TimeHistogram()};
    }
    SourceHealth health;
    health.source = "proc";
    health.errors[ErrorKind::kTimeout] = 1;
    health.last_success = health.snapshot_at = absl::FromUnixSeconds(1'700'000'000);
    target.sources.push_back(health);
    view.targets.push_back(std::move(target));
  }
  return view;
}

TEST(Labels, ExportedSamplesHaveTheDeclaredOnes) {
  std::size_t families = 0;
  for (const PublishedFamily& family : SamplesOf(Observed()).families) {
    const MetricRow& row = *family.as->row;
    const std::set<std::string> declared(row.labels.begin(), row.labels.end());
    std::set<std::string> exported;
    for (const ClientMetric& metric : family.data.metric) {
      for (const auto& [name, value] : metric.label) {
        if (name != "tenant" && name != "project") exported.insert(name);
      }
    }
    EXPECT_EQ(exported, declared) << row.name;
    ++families;
  }
  EXPECT_GT(families, 115u);
}

}  // namespace
}  // namespace chatscale
