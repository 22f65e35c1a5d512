#include "exporter/recommendations/policy_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recommender/policy_fields.h"
#include "tests/support/golden.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  return std::string(ParsePolicies(text, "p.yaml").status().message());
}

TEST(ShippedPolicies, DocumentedIsTheDefaultAndBothAreValid) {
  const std::string folder = CHATSCALE_POLICIES;
  const auto documented = LoadPolicyFile(folder + "/documented.yaml");
  ASSERT_TRUE(documented.ok()) << documented.status();
  EXPECT_EQ(PolicyHash(documented->base), PolicyHash(recommender::Policy{}));
  const auto responsive = LoadPolicyFile(folder + "/responsive.yaml");
  ASSERT_TRUE(responsive.ok()) << responsive.status();
  const auto text = [&](std::string_view path) {
    return PolicyFieldText(responsive->base, *recommender::FindPolicyField(path));
  };
  EXPECT_EQ(text("ingress.out.saturation_fast.enabled"), "true");
  EXPECT_EQ(text("ingress.in.saturation.threshold"), "0.55");
  EXPECT_EQ(responsive->base.ingress.sizing.target, 0.65);
}

TEST(ShippedPolicies, GoldenFilesMatchThePrinter) {
  for (const char* name : {"documented", "responsive"}) {
    const std::string path = std::string(CHATSCALE_POLICIES) + "/" + name + ".yaml";
    const auto policies = LoadPolicyFile(path);
    ASSERT_TRUE(policies.ok()) << policies.status();
    const std::string text = ReadFile(path);
    const std::string title = text.substr(0, text.find('\n') + 1);
    ExpectGolden(path, title + PolicyYaml(policies->base, PolicyComments::kFull));
  }
}

TEST(PolicyYaml, ReadsBackToTheSamePolicy) {
  recommender::Policy policy;
  policy.rules.ingress[0].threshold = 0.1 + 0.6;
  policy.proc.sizing.lead = {.assumed = absl::Milliseconds(12345)};
  const auto back = ParsePolicies(PolicyYaml(policy, PolicyComments::kNone), "p.yaml");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(PolicyHash(back->base), PolicyHash(policy));
}

TEST(ParsePolicies, EmptyFileIsTheDefaultPolicy) {
  for (const char* text : {"", "# nothing\n", "ingress:\n"}) {
    const auto policies = ParsePolicies(text, "p.yaml");
    ASSERT_TRUE(policies.ok()) << policies.status();
    EXPECT_EQ(PolicyHash(policies->base), PolicyHash(recommender::Policy{}));
  }
}

TEST(ParsePolicies, EveryErrorNamesItsLine) {
  struct Row {
    const char* text;
    const char* error;
  };
  const Row rows[] = {
      {"ingress:\n  max_replica: 3\n", "p.yaml:2: unknown key \"ingress.max_replica\""},
      {"ingress:\n  max_replicas: many\n", "p.yaml:2: ingress.max_replicas: \"many\" cannot be"},
      {"\nproc:\n  min_replicas: 0\n", "p.yaml:3: proc.min_replicas: \"0\" is out of bounds"},
      {"proc:\n  min_replicas: 9\n  max_replicas: 3\n", "p.yaml:2: proc.min_replicas: 9 must not"},
      {"ingress:\n  sizing:\n    target: 0.75\n", "p.yaml:3: ingress.sizing.target: 0.75 must be"},
      {"ingress:\n  out:\n    saturation:\n      for: 1m\n",
       "p.yaml:4: ingress.out.saturation.for"},
      {"ingress: 3\n", "p.yaml:1: ingress: a group of keys is expected"},
      {"ingress:\n  max_replicas: [3]\n", "p.yaml:2: ingress.max_replicas: a single value"},
      {"proc:\n  max_replicas: 3\n  max_replicas: 4\n", "p.yaml:3: proc.max_replicas: set twice"},
      {"slo:\n  wait_limit: 4\n", "p.yaml:2: slo.wait_limit: 4 is none of 0.1, 0.5, 1, 2, 3"},
      {"proc: {\n", "p.yaml:"},
      {"- proc\n", "p.yaml:1: a policy is a group of keys"},
      {"overrides:\n  - proc: {}\n", "p.yaml:2: overrides: each entry"},
      {"overrides:\n  - tenant: a\n    prox: 3\n", "p.yaml:3: unknown key \"prox\""},
  };
  for (const Row& row : rows) EXPECT_THAT(ErrorOf(row.text), HasSubstr(row.error)) << row.text;
}

TEST(ParsePolicies, ReportsAllErrorsAtOnce) {
  const std::string error = ErrorOf("a: 1\nb: 2\n");
  EXPECT_THAT(error, HasSubstr("p.yaml:1: "));
  EXPECT_THAT(error, HasSubstr("\np.yaml:2: "));
}

TEST(ParsePolicies, OverridesByTenantAndProject) {
  const auto policies = ParsePolicies(
      "proc: {max_replicas: 50}\n"
      "overrides:\n"
      "  - tenant: acme\n"
      "    proc: {min_replicas: 4}\n"
      "  - {tenant: acme, project: shop, proc: {min_replicas: 6}}\n",
      "p.yaml");
  ASSERT_TRUE(policies.ok()) << policies.status();
  EXPECT_EQ(policies->For({"other", "x"}).proc.replicas.min, 1);
  EXPECT_EQ(policies->For({"acme", "x"}).proc.replicas.min, 4);
  EXPECT_EQ(policies->For({"acme", "shop"}).proc.replicas.min, 6);
  EXPECT_EQ(policies->For({"acme", "shop"}).proc.replicas.max, 50);
}

TEST(LoadPolicyFile, AMissingFileIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(LoadPolicyFile("/nonexistent/p.yaml").status()));
}

TEST(LoadPolicyFile, RejectsDirectoriesAndDevices) {
  EXPECT_FALSE(LoadPolicyFile("/").ok());
  EXPECT_FALSE(LoadPolicyFile("/dev/zero").ok()) << "endless";
}

TEST(ParsePolicies, UnknownKeyWithoutSimilarKeyGetsNoHint) {
  const auto policies = ParsePolicies("xyzzyxyzzyxyzzy: 1\n", "p.yaml");
  EXPECT_THAT(std::string(policies.status().message()),
              testing::Not(testing::HasSubstr("the nearest is \"\"")));
}

}  // namespace
}  // namespace chatscale
