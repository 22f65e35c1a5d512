// Recordings of the real upstream system: its document gives its scalars, its defects apart.
#include <gtest/gtest.h>

#include <string>

#include "exporter/document/monitoring_json.h"
#include "tests/support/scenario.h"

namespace chatscale {
namespace {

class ScenarioTest : public testing::TestWithParam<Scenario> {};

TEST_P(ScenarioTest, DocumentMatchesRecordedScalars) {
  const auto snapshot = ParseMonitoringDocument(DocumentOf(GetParam()));
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  ExpectRecordedScalars(GetParam(), *snapshot);
}

INSTANTIATE_TEST_SUITE_P(Recorded, ScenarioTest, testing::ValuesIn(Scenarios()),
                         [](const auto& scenario) {
                           return std::string(scenario.param.name) + "_" + scenario.param.document;
                         });

}  // namespace
}  // namespace chatscale
