#include "exporter/recommendations/policy_file.h"
#include "exporter/recommendations/policy_rules.h"
#include "fuzz/bytes.h"
#include "fuzz/must.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chatscale;
  const auto policies = ParsePolicies(fuzz::Bytes(data, size).All(), "fuzz.yaml");
  if (!policies.ok()) {
    MUST(policies.status().message().find("fuzz.yaml:") == 0);
    return 0;
  }
  const std::string printed = PolicyYaml(policies->base, PolicyComments::kNone);
  const auto again = ParsePolicies(printed, "again.yaml");
  MUST(again.ok());
  MUST(PolicyYaml(again->base, PolicyComments::kNone) == printed);
  for (const RuleFile file : {RuleFile::kAlerts, RuleFile::kRecommender, RuleFile::kSlo}) {
    MUST(PolicyRules(file, *policies).find("<<") == std::string::npos);
  }
  return 0;
}
