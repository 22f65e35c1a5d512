#include "recommender/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "recommender/policy_fields.h"
#include "tests/recommender/scenario.h"
#include "tests/support/golden.h"

namespace chatscale::recommender {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Policy, TheDefaultIsValid) { EXPECT_THAT(Validate(Policy{}), IsEmpty()); }

TEST(Policy, SizingTargetMustLieBetweenThresholds) {
  Policy policy;
  policy.ingress.sizing.target = 0.3;
  EXPECT_THAT(Validate(policy), ElementsAre(HasSubstr("above the threshold of the scale-in rule")));
  policy.ingress.sizing.target = 0.7;
  EXPECT_THAT(Validate(policy),
              ElementsAre(HasSubstr("below the threshold of the scale-out rule")));
  policy = {};
  policy.proc.sizing.wait_limit = 3;
  EXPECT_THAT(Validate(policy),
              ElementsAre(HasSubstr("below the threshold of the scale-out rule")));
}

TEST(Policy, MinimumAboveMaximumIsRejected) {
  Policy policy;
  policy.proc.replicas = {.min = 4, .max = 4};
  EXPECT_THAT(Validate(policy), IsEmpty());
  policy.proc.replicas = {.min = 5, .max = 4};
  EXPECT_THAT(Validate(policy), ElementsAre(HasSubstr("proc.min_replicas: 5")));
}

TEST(Policy, DocumentedRangesApplyUnlessOverridden) {
  struct Row {
    absl::Duration duration;
    bool allow;
    bool valid;
  };
  const Row rows[] = {{absl::Seconds(119), false, false}, {absl::Seconds(120), false, true},
                      {absl::Seconds(300), false, true},  {absl::Seconds(301), false, false},
                      {absl::Seconds(301), true, true},   {absl::Seconds(3601), true, false}};
  for (const Row& row : rows) {
    Policy policy;
    policy.allow_outside_documented_range = row.allow;
    policy.rules.ingress[0].duration = row.duration;
    EXPECT_EQ(Validate(policy).empty(), row.valid) << absl::FormatDuration(row.duration);
  }
}

TEST(Policy, RangeErrorsUseFieldUnitsAndEnabledRulesOnly) {
  Policy policy;
  policy.rules.proc[2].window = absl::Minutes(10);
  policy.rules.proc[1].threshold = 6;
  EXPECT_THAT(
      Validate(policy),
      ElementsAre("proc.out.queue_wait.threshold: 6 is outside the documented range 3 to 5; "
                  "set allow_outside_documented_range to accept it",
                  "proc.out.mean_pressure.window: 10m is outside the documented range 15m "
                  "to 15m; set allow_outside_documented_range to accept it"));
  policy.rules.proc[1].enabled = policy.rules.proc[2].enabled = false;
  EXPECT_THAT(Validate(policy), IsEmpty());
}

TEST(Policy, ScaleInNeedsARuleThatGuardsIt) {
  const auto with = [](std::string_view only) {
    Policy policy;
    for (const RuleRow& row : kProcRules) {
      RulePolicy& rule = policy.rules.proc[IndexOf(Service::kProc, row)];
      if (row.direction == Direction::kIn) rule.enabled = row.name == only;
    }
    return Validate(policy);
  };
  const auto refused = ElementsAre(HasSubstr("proc.in: every rule is disabled"));
  EXPECT_THAT(with(""), refused);
  EXPECT_THAT(with("queue_growth"), refused);
  for (const char* guard : {"utilization", "queue_wait", "pressure"}) {
    EXPECT_THAT(with(guard), IsEmpty());
  }
}

TEST(Policy, TriggerShareMustExceedSizingTarget) {
  struct Row {
    const char *path, *text, *fault;
  };
  const Row rows[] = {
      {"ingress.out.trigger.target", "0.95",
       "ingress.out.trigger.share: 0.95 must be above its target"},
      {"ingress.out.trigger.share", "0.6", "must be above ingress.sizing.target = 0.6"},
      {"proc.sizing.wait_share", "0.25",
       "proc.out.trigger.share: 0.25 must be above proc.sizing.wait_share"},
      {"proc.sizing.in_share", "0.25", "must be above proc.sizing.in_share"}};
  for (const Row& row : rows) {
    for (const bool on : {false, true}) {
      Policy policy;
      policy.ingress.out.trigger.enabled = policy.proc.out.trigger.enabled = on;
      policy.ingress.out.trigger.target = 0.5;
      EXPECT_THAT(Validate(policy), IsEmpty());
      ASSERT_TRUE(SetPolicyField(policy, row.path, row.text).ok());
      if (on) {
        EXPECT_THAT(Validate(policy), ElementsAre(HasSubstr(row.fault)));
      } else {
        EXPECT_THAT(Validate(policy), IsEmpty());
      }
    }
  }
}

TEST(Policy, HoldMustNotBeShorterThanMaxAge) {
  Policy policy;
  policy.input.hold = policy.input.max_age;
  EXPECT_THAT(Validate(policy), IsEmpty());
  policy.input.hold -= absl::Seconds(1);
  EXPECT_THAT(Validate(policy), ElementsAre(HasSubstr("input.hold: 59s")));
}

TEST(Policy, InWindowIsLongestEnabledScaleInDuration) {
  Policy policy;
  for (RulePolicy& rule : policy.rules.ingress) rule.duration = absl::Minutes(1);
  policy.rules.ingress[1].duration = absl::Minutes(5);  // out
  EXPECT_EQ(InWindow(policy, Service::kIngress), absl::Minutes(1));
  policy.rules.ingress[4].duration = absl::Minutes(20);
  EXPECT_EQ(InWindow(policy, Service::kIngress), absl::Minutes(20));
  policy.rules.ingress[4].enabled = false;
  EXPECT_EQ(InWindow(policy, Service::kIngress), absl::Minutes(1));
}

TEST(RuleTable, RowsReferenceExistingFieldsAndRules) {
  for (const Service service : kServices) {
    for (const RuleRow& row : RuleRows(service)) {
      const std::string path = PathOf(service, row);
      EXPECT_NE(FindPolicyField(path + ".threshold"), nullptr) << path;
      if (!row.sizing_target.empty()) {
        EXPECT_NE(FindPolicyField(row.sizing_target), nullptr) << path;
      }
      if (row.below_out.empty()) continue;
      const auto named = [&](const RuleRow& out) {
        return out.direction == Direction::kOut && out.name == row.below_out;
      };
      EXPECT_EQ(std::ranges::count_if(RuleRows(service), named), 1) << path;
    }
  }
}

TEST(RuleTable, ScaleInThresholdMustBeBelowScaleOut) {
  for (const Service service : kServices) {
    for (const RuleRow& row : RuleRows(service)) {
      if (row.below_out.empty()) continue;
      Policy policy;
      policy.allow_outside_documented_range = true;
      RulePolicy& in = policy.rules[service][IndexOf(service, row)];
      for (const RuleRow& out : RuleRows(service)) {
        if (out.direction == Direction::kOut && out.name == row.below_out) {
          in.threshold = policy.RuleOf(service, out).threshold;
        }
      }
      const std::string fault = PathOf(service, row) + ".threshold: scale-in threshold";
      EXPECT_THAT(Validate(policy), Contains(HasSubstr(fault)));
      in.threshold -= 0.001;
      EXPECT_THAT(Validate(policy), Not(Contains(HasSubstr(fault))));
      in.threshold += 1;
      in.enabled = false;
      EXPECT_THAT(Validate(policy), Not(Contains(HasSubstr(fault))));
    }
  }
}

TEST(PolicyFields, EveryFieldRoundTrips) {
  const Policy policy;
  for (const PolicyField& field : PolicyFields()) {
    Policy copy;
    EXPECT_TRUE(SetPolicyField(copy, field.path, PolicyFieldText(policy, field)).ok())
        << field.path;
    EXPECT_EQ(PolicyHash(copy), PolicyHash(policy)) << field.path;
    EXPECT_GE(PolicyFieldNumber(policy, field), field.bounds.low) << field.path;
    EXPECT_LE(PolicyFieldNumber(policy, field), field.bounds.high) << field.path;
    EXPECT_FALSE(SetPolicyField(copy, field.path, "seven").ok()) << field.path;
    EXPECT_EQ(FindPolicyField(field.path), &field) << "written twice: " << field.path;
  }
}

// Every field with its bounds, the guide's range and the default, so that none moves unnoticed.
TEST(PolicyFields, GoldenBoundsAndDefaults) {
  std::string text = absl::StrCat("hash of the defaults = ", PolicyHash({}), "\n");
  for (const PolicyField& field : PolicyFields()) {
    const auto range = [](Range r) { return absl::StrCat(r.low, "..", r.high); };
    const bool documented = field.documented.low <= field.documented.high;
    absl::StrAppend(&text, field.path, " = ", PolicyFieldText({}, field), ", ",
                    std::string(UnitName(field.unit)), " ", range(field.bounds),
                    documented ? ", guide " + range(field.documented) : "", "\n");
  }
  ExpectGolden(std::string(CHATSCALE_FIXTURES) + "/policy_fields.txt", text);
}

TEST(PolicyFields, RemovedDeadBandIsAcceptedOnlyIfZero) {
  Policy policy;
  EXPECT_TRUE(SetPolicyField(policy, "proc.out.pressure.dead_band", "0").ok());
  EXPECT_EQ(PolicyHash(policy), PolicyHash({}));
  const absl::Status refused = SetPolicyField(policy, "proc.out.pressure.dead_band", "0.1");
  EXPECT_THAT(std::string(refused.message()),
              testing::StartsWith("proc.out.pressure.dead_band was removed"));
}

TEST(PolicyFields, OverrideNeedsCountAndEnd) {
  Policy policy;
  const PolicyField& until = *FindPolicyField("proc.override.until");
  EXPECT_EQ(PolicyFieldText(policy, until), "none");
  EXPECT_FALSE(SetPolicyField(policy, "proc.override.until", "tomorrow").ok());
  Set(policy, "proc.override.until", "2026-11-30T18:00:00+01:00");
  EXPECT_EQ(PolicyFieldText(policy, until), "2026-11-30T17:00:00Z");
  EXPECT_THAT(Validate(policy),
              testing::ElementsAre(testing::HasSubstr("needs a count and an end")));
  Set(policy, "proc.override.min_replicas", "101");
  EXPECT_THAT(Validate(policy), testing::ElementsAre(testing::HasSubstr("101 must not exceed")));
  Set(policy, "proc.override.max_replicas", "120");
  EXPECT_TRUE(Validate(policy).empty());
  Set(policy, "proc.override.until", "none");
  EXPECT_FALSE(Validate(policy).empty());
}

TEST(PolicyFields, LeadTimeIsFixedOrAuto) {
  const PolicyField& field = *FindPolicyField("ingress.sizing.lead");
  Policy policy;
  Set(policy, field.path, "auto");
  EXPECT_EQ(PolicyFieldText(policy, field), "auto");
  EXPECT_EQ(PolicyFieldNumber(policy, field), 90) << "until it is learned";
  EXPECT_NE(PolicyHash(policy), PolicyHash({}));
  Set(policy, field.path, "2m");
  EXPECT_EQ(PolicyFieldText(policy, field), "2m");
  Set(policy, field.path, "90s");
  EXPECT_EQ(PolicyHash(policy), PolicyHash({}));
}

TEST(PolicyFields, RejectedValuesAreReportedWithAllowedRange) {
  struct Row {
    const char *path, *text, *message;
  };
  const Row rows[] = {
      {"input.max_age", "0s",
       "input.max_age: \"0s\" is out of bounds; allowed: 1s to 1h (duration, for example 90s or "
       "2m)"},
      {"proc.sizing.wait_share", "0.6",
       "proc.sizing.wait_share: \"0.6\" is out of bounds; allowed: 0.0001 to 0.5 (ratio)"},
      {"proc.sizing.wait_share", "0.00001",
       "proc.sizing.wait_share: \"0.00001\" is out of bounds; allowed: 0.0001 to 0.5 (ratio)"},
      {"proc.sizing.lead", "2h",
       "proc.sizing.lead: \"2h\" is out of bounds; allowed: 0 to 1h (duration, for example 90s, or "
       "auto)"},
      {"proc.sizing.lead", "Auto",
       "proc.sizing.lead: \"Auto\" cannot be read; allowed: 0 to 1h (duration, for example 90s, or "
       "auto)"},
      {"proc.out.pressure.enabled", "yes",
       "proc.out.pressure.enabled: \"yes\" cannot be read; allowed: true or false (switch)"},
  };
  for (const Row& row : rows) {
    Policy policy;
    EXPECT_EQ(SetPolicyField(policy, row.path, row.text).message(), row.message);
  }
}

TEST(PolicyFields, NearestKeyHasTheLongestCommonPrefix) {
  struct Row {
    const char *path, *hint;
  };
  const Row rows[] = {{"zzz", ""},
                      {"xngress.max_replicas", ""},
                      {"", ""},
                      {"p", "proc.min_replicas"},
                      {"proc.out.x", "proc.out.pressure.enabled"},
                      {"ingress.max_replica", "ingress.max_replicas"},
                      {"slo.min_events.more", "slo.min_events"}};
  for (const Row& row : rows) {
    Policy policy;
    const std::string hint =
        *row.hint == 0 ? "" : absl::StrCat("; the nearest is \"", row.hint, "\"");
    EXPECT_EQ(SetPolicyField(policy, row.path, "1").message(),
              absl::StrCat("unknown key \"", row.path, "\"", hint));
  }
}

TEST(PolicyFields, AnUnknownKeyNamesTheNearest) {
  Policy policy;
  const absl::Status status = SetPolicyField(policy, "ingress.max_replica", "3");
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"ingress.max_replicas\""));
}

}  // namespace
}  // namespace chatscale::recommender
