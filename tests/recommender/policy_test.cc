#include "recommender/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recommender/policy_fields.h"
#include "recommender/validate.h"

namespace chatscale::recommender {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Policy, TheDefaultIsValid) { EXPECT_THAT(Validate(Policy{}), IsEmpty()); }

TEST(Policy, TheSizingTargetLiesBetweenTheGates) {
  Policy policy;
  policy.ingress.sizing.target = 0.3;
  EXPECT_THAT(Validate(policy), ElementsAre(HasSubstr("above the in gate")));
  policy.ingress.sizing.target = 0.7;
  EXPECT_THAT(Validate(policy), ElementsAre(HasSubstr("below the out gate")));
  policy = {};
  policy.proc.sizing.wait_limit = 3;
  EXPECT_THAT(Validate(policy), ElementsAre(HasSubstr("below the out gate")));
}

TEST(Policy, MinimumAboveMaximumIsRefused) {
  Policy policy;
  policy.proc.replicas = {.min = 5, .max = 4};
  EXPECT_THAT(Validate(policy), ElementsAre(HasSubstr("proc.min_replicas: 5")));
}

TEST(Policy, DocumentedRangesBindUnlessAllowed) {
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

TEST(RuleTable, WhatARowNamesIsThere) {
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

TEST(RuleTable, InGatesStayBelowTheirOutGate) {
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
      const std::string fault = PathOf(service, row) + ".threshold: in gate";
      EXPECT_THAT(Validate(policy), Contains(HasSubstr(fault)));
      in.threshold -= 0.001;
      EXPECT_THAT(Validate(policy), Not(Contains(HasSubstr(fault))));
      in.threshold += 1;
      in.enabled = false;
      EXPECT_THAT(Validate(policy), Not(Contains(HasSubstr(fault))));
    }
  }
}

TEST(PolicyFields, EveryFieldReadsBackAndChangesTheHash) {
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

TEST(PolicyFields, AnUnknownKeyNamesTheNearest) {
  Policy policy;
  const absl::Status status = SetPolicyField(policy, "ingress.max_replica", "3");
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"ingress.max_replicas\""));
}

}  // namespace
}  // namespace chatscale::recommender
