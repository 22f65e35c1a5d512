// Generated documents are what the code says. `./dev docs` writes them anew.
#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "exporter/document/monitoring_json.h"
#include "exporter/recommendations/signals_of.h"
#include "recommender/recommend.h"
#include "tests/house/metrics_page.h"
#include "tests/support/child_process.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;

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

TEST(Golden, MetricsPage) {
  ExpectGolden(std::string(CHATSCALE_ROOT) + "/docs/metrics.md", MetricsPage(Observed()));
}

TEST(Golden, SettingsTableOfTheReadme) {
  const std::string path = std::string(CHATSCALE_ROOT) + "/README.md";
  const std::string readme = ReadFile(path);
  const std::string begin = "<!-- settings: ./dev docs -->\n";
  const std::string end = "<!-- end of settings -->";
  const auto from = readme.find(begin);
  const auto to = readme.find(end);
  ASSERT_NE(from, readme.npos);
  ASSERT_NE(to, readme.npos);
  ExpectGolden(path, readme.substr(0, from + begin.size()) + SettingsTable() + readme.substr(to));
}

}  // namespace
}  // namespace chatscale
