#include "exporter/policy/policy_rules.h"

#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "exporter/core/number_text.h"
#include "exporter/policy/policy_rules_text.h"
#include "recommender/policy_fields.h"

namespace chatscale {
namespace {

using recommender::FindPolicyField;
using recommender::Policy;
using recommender::PolicyFieldNumber;

constexpr std::string_view kRunbook =
    "https://github.com/chatscale/chatscale/blob/main/docs/runbooks.md#";
constexpr std::string_view kHead =
    R"(# Written by `chatscale rules`: alerts whose thresholds and durations are the policy's. Do not
# edit; see alerts.yml for the others.
groups:
)";

// Targets that share one policy.
struct Scope {
  std::string name;      // "" when there is one scope only
  std::string matchers;  // of PromQL, each with a comma after it
  const Policy* policy;
};

// What stands between double quotes, of PromQL as of YAML.
std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}});
}

std::string Matcher(const char* label, const char* comparison, const std::string& text) {
  return absl::StrCat(label, comparison, "\"", Escaped(text), "\",");
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

std::vector<Scope> ScopesOf(const PolicySet& policies) {
  std::map<std::string, std::set<std::string>> projects;  // singled out, by tenant
  for (const PolicyOverride& entry : policies.overrides) {
    auto& named = projects[entry.target.tenant];
    if (!entry.target.project.empty()) named.insert(entry.target.project);
  }
  if (projects.empty()) return {{"", "", &policies.base}};
  std::vector<Scope> scopes;
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

std::string_view Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool Consume(std::string_view prefix, std::string_view& text) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

double Number(const Policy& policy, std::string_view path) {
  return PolicyFieldNumber(policy, *FindPolicyField(path));
}

// "2m", "1h30m". Prometheus knows no fractions: whole seconds, rounded up.
std::string PrometheusDuration(double seconds) {
  return absl::FormatDuration(absl::Ceil(absl::Seconds(seconds), absl::Seconds(1)));
}

std::string Evaluate(std::string_view expression, const Scope& scope) {
  if (expression == "scope") return scope.matchers;
  if (expression == "name") return Escaped(scope.name);
  if (expression == "runbook") return std::string(kRunbook);
  const Policy& policy = *scope.policy;
  if (Consume("percent ", expression)) {
    return absl::StrFormat("%g%%", 100 * Number(policy, expression));  // 0.57 is no 56.99...
  }
  if (Consume("seconds ", expression)) return NumberText(Number(policy, expression));
  double sum = 0;
  recommender::Unit unit{};
  const std::vector<std::string> parts = absl::StrSplit(std::string(expression), '+');
  for (const std::string& part : parts) {
    sum += Number(policy, Trimmed(part));
    unit = FindPolicyField(Trimmed(part))->unit;
  }
  return unit == recommender::Unit::kDuration ? PrometheusDuration(sum) : NumberText(sum);
}

std::string Filled(std::string_view line, const Scope& scope) {
  std::string out;
  for (;;) {
    const auto open = line.find("<<");
    const auto close = line.find(">>", open);
    if (open == line.npos || close == line.npos) return out.append(line);
    out.append(line.substr(0, open));
    out += Evaluate(line.substr(open + 2, close - open - 2), scope);
    line.remove_prefix(close + 2);
  }
}

std::string GroupOf(const Scope& scope) {
  std::string out;
  bool on = true;
  bool condition = false;  // the line before was one
  const std::vector<std::string> lines =
      absl::StrSplit(std::string(kPolicyRulesText), '\n', absl::SkipEmpty());
  for (const std::string& line : lines) {
    std::string_view rest = Trimmed(line);
    if (Consume("#? ", rest)) {
      on = Number(*scope.policy, rest) != 0;
      condition = true;
      continue;
    }
    if (rest.starts_with("- alert:") && !condition) on = true;
    condition = false;
    if (on) out += Filled(line, scope) + "\n";
  }
  return out;
}

}  // namespace

std::string PolicyRules(const PolicySet& policies) {
  std::string out(kHead);
  for (const Scope& scope : ScopesOf(policies)) out += GroupOf(scope);
  return out;
}

}  // namespace chatscale
