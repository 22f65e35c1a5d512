// The alert rules that `chatscale rules` writes. That Prometheus takes them, and when they fire, is
// tested in tests/consumers.
#include "exporter/recommendations/policy_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/golden.h"

namespace chatscale {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string RulesOf(const std::string& policy, RuleFile file = RuleFile::kAlerts) {
  const auto policies = ParsePolicies(policy, "policy.yml");
  EXPECT_TRUE(policies.ok()) << policies.status();
  return PolicyRules(file, *policies);
}

TEST(PolicyRulesTest, GoldenRulesOfTheDefaultPolicy) {
  ExpectGolden(std::string(CHATSCALE_ROOT) + "/rules/policy.yml", RulesOf("{}"));
  ExpectGolden(std::string(CHATSCALE_ROOT) + "/rules/recommender.yml",
               RulesOf("{}", RuleFile::kRecommender));
  ExpectGolden(std::string(CHATSCALE_ROOT) + "/rules/slo.yml", RulesOf("{}", RuleFile::kSlo));
}

TEST(PolicyRulesTest, UsesPolicyThresholdsAndDurations) {
  const std::string rules =
      RulesOf("ingress: {out: {saturation: {threshold: 0.65, for: 3m}, settle: 90s}}");
  EXPECT_THAT(rules, HasSubstr("(chat_ingress_sse_saturation_ratio{}) > 0.65\n"));
  EXPECT_THAT(rules, HasSubstr("More than 65% of"));
  EXPECT_THAT(rules, HasSubstr("for: 4m30s\n"));
  EXPECT_THAT(rules, Not(HasSubstr("<<")));
}

TEST(PolicyRulesTest, FormatsPercentagesAndDurations) {
  EXPECT_THAT(RulesOf("proc: {out: {pressure: {threshold: 0.57}}}"), HasSubstr("More than 57% of"));
  // Prometheus takes no "90.5s".
  EXPECT_THAT(RulesOf("ingress: {out: {settle: 90.5s}}"), HasSubstr("for: 3m31s\n"));
}

TEST(PolicyRulesTest, DisabledRuleHasNoAlert) {
  const std::string rules = RulesOf("proc: {out: {queue_growth: {enabled: false}}}");
  EXPECT_THAT(rules, Not(HasSubstr("ChatQueueGrowing")));
  EXPECT_THAT(rules, HasSubstr("ChatSnapshotStale"));
  EXPECT_THAT(RulesOf("{}"), HasSubstr("ChatQueueGrowing"));
}

TEST(PolicyRulesTest, RecommenderRulesFollowThePolicy) {
  const std::string rules = RulesOf(R"(
ingress: {out: {saturation: {threshold: 0.65, for: 3m}}, in: {rest_latency: {enabled: false}}}
overrides: [{tenant: acme, proc: {out: {queue_wait_fast: {enabled: true, threshold: 8}}}}]
)",
                                    RuleFile::kRecommender);
  EXPECT_THAT(rules, Not(HasSubstr("<<")));
  // A range holds the samples at both its ends, and 80 % of the 13 must be there.
  EXPECT_THAT(rules, HasSubstr(R"(signal="saturation"}[3m1s]) > bool 0.65)"));
  EXPECT_THAT(rules, HasSubstr(R"(signal="saturation"}[3m1s]) >= bool 11)"));
  EXPECT_THAT(rules, HasSubstr(R"(component="ingress",direction="in"} == 1) == 1)"));
  EXPECT_THAT(rules, HasSubstr(R"(component="proc",direction="in"} == 1) == 4)"));
  EXPECT_THAT(rules, Not(HasSubstr("direction: in, rule: rest_latency")));
  EXPECT_THAT(rules,
              HasSubstr(R"({tenant="acme",component="proc",signal="queue_wait"} >= bool 8)"));
  EXPECT_THAT(rules,
              Not(HasSubstr(R"({tenant!~"acme",component="proc",signal="queue_wait"} >= )")));
}

TEST(PolicyRulesTest, EveryTargetMatchesExactlyOneGroup) {
  const std::string rules = RulesOf(R"(
overrides:
- {tenant: acme, ingress: {out: {saturation: {threshold: 0.75}}}}
- {tenant: acme, project: 'a.b"c', ingress: {out: {saturation: {threshold: 0.8}}}}
- {tenant: globex, project: bot, ingress: {out: {saturation: {threshold: 0.85}}}}
)");
  for (const char* line : {
           R"({tenant="acme",project="a.b\"c",}) > 0.8)",
           R"({tenant="acme",project!~"a\\.b\"c",}) > 0.75)",
           R"({tenant="globex",project="bot",}) > 0.85)",
           R"({tenant="globex",project!~"bot",}) > 0.7)",
           R"({tenant!~"acme|globex",}) > 0.7)",
           R"(  - name: "chat_policy of acme/a.b\"c")",
       }) {
    EXPECT_THAT(rules, HasSubstr(line));
  }
}

}  // namespace
}  // namespace chatscale
