#include "exporter/recommendations/policy_rules.h"

#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "exporter/model/text.h"
#include "exporter/recommendations/rule_files_text.h"
#include "recommender/policy_fields.h"
#include "recommender/starting_count.h"
#include "recommender/state.h"

namespace chatscale {

namespace {

using recommender::Comparison;
using recommender::Direction;
using recommender::FindPolicyField;
using recommender::Policy;
using recommender::RulePolicy;
using recommender::RuleRow;
using recommender::Service;

constexpr std::string_view kRunbook =
    "https://github.com/chatscale/chatscale/blob/main/docs/runbooks.md#";

// Windows of the multi-window alerts in Google's SRE workbook.
constexpr std::array<std::string_view, 7> kBurnWindows = {"5m", "30m", "1h", "2h",
                                                          "6h", "1d",  "3d"};

// Targets that share one policy.
struct RuleScope {
  std::string name;      // "" for the only scope
  std::string matchers;  // PromQL matchers, each followed by a comma
  const Policy* policy;
};

// Escapes text for double quotes, in PromQL and in YAML.
std::string EscapedForQuotes(std::string_view text) {
  return absl::StrReplaceAll(std::string(text), {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}});
}

// Variables of one expansion of an entry.
struct Subject {
  const RuleScope& scope;
  std::optional<Service> service;    // nullopt: none
  std::string_view window = "";      // window of a burn rate
  const RuleRow* row = nullptr;      // null: no rule
  const RulePolicy* rule = nullptr;  // of `row`
};

struct Quantity {
  double value = 0;  // seconds for a duration
  bool is_duration = false;
};

std::string_view Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool Consume(std::string_view prefix, std::string_view& text) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string NameOf(const Subject& subject) {
  return subject.service ? recommender::NameOf(*subject.service) : "";
}

Quantity AtPath(std::string_view path, const Subject& subject) {
  const Policy& policy = *subject.scope.policy;
  if (path == "rule.threshold") return {subject.rule->threshold};
  if (path == "rule.for") return {absl::ToDoubleSeconds(subject.rule->duration), true};
  if (path == "@.in_window") {
    return {absl::ToDoubleSeconds(InWindow(policy, *subject.service)), true};
  }
  const std::string full = absl::StrReplaceAll(std::string(path), {{"@", NameOf(subject)}});
  const recommender::PolicyField& field = *FindPolicyField(full);
  return {PolicyFieldNumber(policy, field), IsDuration(field.unit)};
}

// "2m", "1h30m". Prometheus durations have no fractions: whole seconds, rounded up.
std::string PrometheusDuration(double seconds) {
  const std::string text =
      absl::FormatDuration(absl::Ceil(absl::Seconds(seconds), absl::Seconds(1)));
  return text == "0" ? "0s" : text;
}

// Prometheus 3 excludes the sample at a range's start, so the range is a second longer.
std::string RangeOf(double seconds) { return PrometheusDuration(seconds + 1); }

int Ticks(double seconds, const Policy& policy) {
  const double intervals = seconds / absl::ToDoubleSeconds(kRuleInterval);
  return 1 + static_cast<int>(std::ceil(policy.input.gaps.min_coverage * intervals));
}

std::string_view Sign(Comparison comparison) {
  switch (comparison) {
    case Comparison::kAbove:
      return ">";
    case Comparison::kAtLeast:
      return ">=";
    case Comparison::kBelow:
      return "<";
    case Comparison::kAtMost:
      break;
  }
  return "<=";
}

int InRules(const Subject& subject) {
  int count = 0;
  for (const RuleRow& row : recommender::RuleRows(*subject.service)) {
    const bool gates = row.direction == Direction::kIn &&
                       subject.scope.policy->RuleOf(*subject.service, row).enabled;
    count += gates ? 1 : 0;
  }
  return count;
}

// PromQL selectors of the series that recommender_rules.yml.in records.
std::optional<std::string> Selector(std::string_view expression, const Subject& subject) {
  const std::vector<std::string> words =
      absl::StrSplit(absl::StrReplaceAll(std::string(expression), {{"@", NameOf(subject)}}), ' ');
  const auto select = [&](std::string_view level, std::string_view name, std::string_view component,
                          std::string_view more) {
    return absl::StrCat("tenant_project_component", std::string(level), ":chat_policy_",
                        std::string(name), "{", subject.scope.matchers, "component=\"",
                        std::string(component), "\"", std::string(more), "}");
  };
  const auto also = [](std::string_view label, const std::string& value) {
    return absl::StrCat(",", std::string(label), "=\"", value, "\"");
  };
  const std::size_t count = words.size();
  if (words[0] == "record" && count == 3) return select("", words[1], words[2], "");
  if (words[0] == "horizons" && count == 3) return select("_horizon", words[1], words[2], "");
  if (words[0] == "need" && count == 3) {
    return select("_horizon", "need:max", words[1], also("horizon", words[2]));
  }
  if (words[0] == "signal" && count == 2) {
    const std::vector<std::string> names = absl::StrSplit(words[1], '.');
    return select("_signal", "signal:max", names[0], also("signal", names[1]));
  }
  if (words[0] == "rules" && count >= 3) {
    return select("_rule", "rule:active", words[1],
                  also("direction", words[2]) + (count == 4 ? also("sizing", words[3]) : ""));
  }
  return std::nullopt;
}

std::optional<std::string> Word(std::string_view word, const Subject& subject) {
  if (word == "scope") return subject.scope.matchers;
  if (word == "name") return EscapedForQuotes(subject.scope.name);
  if (word == "runbook") return std::string(kRunbook);
  if (word == "component") return NameOf(subject);
  if (word == "window") return std::string(subject.window);
  if (word == "budget") return absl::StrFormat("%.6g", 1 - subject.scope.policy->slo.objective);
  if (word == "interval") return NumberText(absl::ToDoubleSeconds(kRuleInterval));
  if (word == "smoothing") return NumberText(absl::ToDoubleSeconds(recommender::kServiceSmoothing));
  if (word == "sudden_share") return NumberText(recommender::kSuddenShare);
  if (word == "in_rules") return absl::StrCat(InRules(subject));
  if (subject.row == nullptr) return std::nullopt;
  const RuleRow& row = *subject.row;
  const bool upward =
      row.comparison == Comparison::kAbove || row.comparison == Comparison::kAtLeast;
  if (word == "direction") return NameOf(row.direction);
  if (word == "rule") return std::string(row.name);
  if (word == "reading")
    return Selector(absl::StrCat("signal @.", std::string(row.recorded)), subject);
  if (word == "sizing")
    return row.when_sizing_suffices == recommender::WhenSizingSuffices::kAddReplica ? "exceeds"
                                                                                    : "decides";
  if (word == "comparison") return std::string(Sign(row.comparison));
  if (word == "extreme") return upward ? "min" : "max";
  return std::nullopt;
}

std::string Evaluate(std::string_view expression, const Subject& subject) {
  if (auto word = Word(expression, subject)) return *std::move(word);
  if (auto selector = Selector(expression, subject)) return *std::move(selector);
  if (Consume("percent ", expression)) {
    // %g, so that 0.57 does not become 56.99...
    return absl::StrFormat("%g", 100 * AtPath(expression, subject).value);
  }
  if (Consume("seconds ", expression)) return NumberText(AtPath(expression, subject).value);
  if (Consume("range ", expression)) {
    return RangeOf(AtPath(expression, subject).value);
  }
  if (Consume("ticks ", expression)) {
    return absl::StrCat(Ticks(AtPath(expression, subject).value, *subject.scope.policy));
  }
  if (Consume("offset ", expression)) {  // Prometheus rejects an offset of 0
    const double seconds = AtPath(expression, subject).value;
    return seconds > 0 ? " offset " + PrometheusDuration(seconds) : "";
  }
  if (Consume("logarithm ", expression)) {
    return absl::StrFormat("%.4g", -std::log(AtPath(expression, subject).value));
  }
  Quantity sum;
  const std::vector<std::string> parts = absl::StrSplit(std::string(expression), '+');
  for (const std::string& part : parts) {
    const Quantity quantity = AtPath(Trimmed(part), subject);
    sum.value += quantity.value;
    sum.is_duration = quantity.is_duration;
  }
  return sum.is_duration ? PrometheusDuration(sum.value) : NumberText(sum.value);
}

std::string Filled(std::string_view line, const Subject& subject) {
  std::string out;
  for (;;) {
    const auto open = line.find("<<");
    const auto close = line.find(">>", open);
    if (open == line.npos || close == line.npos) return out.append(line);
    out.append(line.substr(0, open));
    out += Evaluate(line.substr(open + 2, close - open - 2), subject);
    line.remove_prefix(close + 2);
  }
}

// Lines that are expanded together: the text before the first entry, or an entry with its comments.
struct Entry {
  std::string condition;  // empty: always
  std::string each;       // "component", "rule"; empty: once
  std::vector<std::string> lines;
};

std::vector<Entry> EntriesOf(std::string_view rules) {
  std::vector<Entry> entries(1);
  bool above = false;  // the previous line is a comment above an entry
  const std::vector<std::string> lines =
      absl::StrSplit(std::string(rules), '\n', absl::SkipEmpty());
  for (const std::string& line : lines) {
    const std::string_view text = Trimmed(line);
    const bool begins = text.starts_with("- alert:") || text.starts_with("- record:");
    // Deeper comments belong to the entry itself.
    const bool comment = text.starts_with("#") && line.find('#') <= 6;
    if ((begins || comment) && !above) entries.emplace_back();
    above = comment;
    std::string_view rest = text;
    if (Consume("#? ", rest)) {
      entries.back().condition = std::string(rest);
    } else if (Consume("#each ", rest)) {
      entries.back().each = std::string(rest);
    } else {
      entries.back().lines.push_back(line);
    }
  }
  return entries;
}

bool IsOn(const Entry& entry, const Subject& subject) {
  return entry.condition.empty() || AtPath(entry.condition, subject).value != 0;
}

// The comments above an entry are printed once, in its first expansion.
void Fill(const Entry& entry, const Subject& subject, bool first, std::string& out) {
  if (!IsOn(entry, subject)) return;
  bool above = true;
  for (const std::string& line : entry.lines) {
    above = above && Trimmed(line).starts_with("#");
    if (first || !above) out += Filled(line, subject) + "\n";
  }
}

void FillForRules(const Entry& entry, Subject subject, bool& first, std::string& out) {
  for (const RuleRow& row : recommender::RuleRows(*subject.service)) {
    subject.row = &row;
    subject.rule = &subject.scope.policy->RuleOf(*subject.service, row);
    if (!subject.rule->enabled) continue;
    Fill(entry, subject, first, out);
    first = false;
  }
}

// FillRules expands a template of Prometheus rules for a policy. Expressions in << >>:
//
//   path              a policy field in Prometheus notation: 0.7, 2m
//   path + path       the sum of durations
//   percent path      a ratio in percent: 70
//   seconds path      a duration as a number
//   range path        a range that includes the samples at both ends, in Prometheus 2 and 3
//   ticks path        number of samples, one per kRuleInterval, that cover enough of that range
//   offset path       " offset 2m"; empty for 0
//   budget            1 - slo.objective
//   logarithm path    -ln of a ratio
//   scope             label matchers of the policy's targets, each followed by a comma
//   interval          kRuleInterval in seconds; also "smoothing" and "sudden_share", the
//                     recommender's constants
//   in_rules          number of the component's enabled in-rules
//   signal c.name     selector of a series of component c in recommender_rules.yml.in; also
//                     "record name c", "horizons name c", "need c now", "need c ahead",
//                     "rules c out", "rules c in"
//   name, runbook     suffix for group names; URL prefix of a runbook's section
//
// In a path, "@" is the component; "@.in_window" is the duration of its longest in-rule. Lines
// above an entry ("- alert:", "- record:") may say
//
//   #? path           only when that switch is on
//   #each component   once for ingress and once for proc; also <<component>>
//   #each window      once for each window of a burn rate; also <<window>>
//   #each rule        once for each enabled rule; also <<component>>, <<direction>>, <<rule>>,
//                     <<sizing>>, <<comparison>>, <<extreme>>, <<reading>>, and the paths
//                     rule.threshold and rule.for
std::string FillRules(std::string_view rules, const RuleScope& scope) {
  const Subject neither{scope, std::nullopt};
  const Subject ingress{scope, Service::kIngress};
  const Subject proc{scope, Service::kProc};
  std::string out;
  for (const Entry& entry : EntriesOf(rules)) {
    bool first = true;
    if (entry.each == "component") {
      Fill(entry, ingress, true, out);
      Fill(entry, proc, false, out);
    } else if (entry.each == "window") {
      for (const std::string_view window : kBurnWindows) {
        Fill(entry, {.scope = scope, .service = std::nullopt, .window = window}, first, out);
        first = false;
      }
    } else if (entry.each == "rule") {
      FillForRules(entry, ingress, first, out);
      FillForRules(entry, proc, first, out);
    } else {
      Fill(entry, neither, true, out);
    }
  }
  return out;
}

std::string Matcher(const char* label, const char* comparison, const std::string& text) {
  return absl::StrCat(label, comparison, "\"", EscapedForQuotes(text), "\",");
}

// RE2 expression that matches exactly these texts.
std::string AnyOf(const std::set<std::string>& texts) {
  return absl::StrJoin(texts, "|", [](std::string* out, const std::string& text) {
    for (const char c : text) {
      if (std::string_view(R"(\.+*?()|[]{}^$)").find(c) != std::string_view::npos) *out += '\\';
      *out += c;
    }
  });
}

std::vector<RuleScope> ScopesOf(const PolicySet& policies) {
  std::map<std::string, std::set<std::string>> projects;  // projects with an override, by tenant
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

// The comments before "groups:" appear once, the text below it once per scope.
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
