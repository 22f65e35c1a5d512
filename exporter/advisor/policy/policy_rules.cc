#include "exporter/advisor/policy/policy_rules.h"

#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "exporter/advisor/policy/rule_files_text.h"
#include "exporter/advisor/policy/rule_template.h"

namespace chatscale {
namespace {

using recommender::Policy;

std::string Matcher(const char* label, const char* comparison, const std::string& text) {
  return absl::StrCat(label, comparison, "\"", EscapedForQuotes(text), "\",");
}

// A regular expression (RE2) that matches these texts and no others.
std::string AnyOf(const std::set<std::string>& texts) {
  return absl::StrJoin(texts, "|", [](std::string* out, const std::string& text) {
    for (const char c : text) {
      if (std::string_view(R"(\.+*?()|[]{}^$)").find(c) != std::string_view::npos) *out += '\\';
      *out += c;
    }
  });
}

std::vector<RuleScope> ScopesOf(const PolicySet& policies) {
  std::map<std::string, std::set<std::string>> projects;  // singled out, by tenant
  for (const PolicyOverride& entry : policies.overrides) {
    auto& named = projects[entry.target.tenant];
    if (!entry.target.project.empty()) named.insert(entry.target.project);
  }
  if (projects.empty()) return {{"", "", &policies.base}};
  std::vector<RuleScope> scopes;
  std::set<std::string> tenants;
  for (const auto& [tenant, named] : projects) {
    tenants.insert(tenant);
    const std::string matcher = Matcher("tenant", "=", tenant);
    for (const std::string& project : named) {
      scopes.push_back({absl::StrCat(" of ", tenant, "/", project),
                        matcher + Matcher("project", "=", project),
                        &policies.For({tenant, project})});
    }
    const std::string rest = named.empty() ? "" : Matcher("project", "!~", AnyOf(named));
    scopes.push_back({absl::StrCat(" of ", tenant), matcher + rest, &policies.For({tenant, ""})});
  }
  scopes.push_back({"", Matcher("tenant", "!~", AnyOf(tenants)), &policies.base});
  return scopes;
}

std::string_view TextOf(RuleFile file) {
  switch (file) {
    case RuleFile::kAlerts:
      return kAlertRulesText;
    case RuleFile::kRecommender:
      return kRecommenderRulesText;
    case RuleFile::kSlo:
      break;
  }
  return kSloRulesText;
}

// The comments before "groups:" stand once, what is below it once for each scope.
constexpr std::string_view kGroups = "groups:\n";

}  // namespace

std::string PolicyRules(RuleFile file, const PolicySet& policies) {
  const std::string_view text = TextOf(file);
  const auto body = text.find(kGroups) + kGroups.size();
  std::string out(text.substr(0, body));
  for (const RuleScope& scope : ScopesOf(policies)) out += FillRules(text.substr(body), scope);
  return out;
}

}  // namespace chatscale
