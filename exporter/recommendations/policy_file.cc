#include "exporter/recommendations/policy_file.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "exporter/files/files.h"
#include "exporter/files/yaml_text.h"
#include "exporter/model/snapshot.h"
#include "recommender/policy.h"
#include "recommender/policy_fields.h"

namespace chatscale {

namespace {

using recommender::PolicyField;
using recommender::PolicyUnit;
using recommender::Range;

constexpr std::size_t kWidth = 98;

std::string Between(const PolicyField& field, Range range) {
  return absl::StrCat(PolicyBoundText(field, range.low), " to ",
                      PolicyBoundText(field, range.high));
}

std::string Comment(const PolicyField& field) {
  std::string text(field.help);
  if (field.unit == PolicyUnit::kSwitch) return text;
  absl::StrAppend(&text, " Unit: ", std::string(recommender::UnitName(field.unit)),
                  "; bounds: ", Between(field, field.bounds));
  if (field.documented.low <= field.documented.high) {
    absl::StrAppend(&text, "; documented: ", Between(field, field.documented));
  }
  return text + ".";
}

void AppendComment(const std::string& text, const std::string& indent, std::string& out) {
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) absl::StrAppend(&out, indent, "#", line, "\n");
    line.clear();
  };
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (indent.size() + line.size() + word.size() + 2 > kWidth) flush();
    absl::StrAppend(&line, " ", word);
  }
  flush();
}

}  // namespace

std::string PolicyYaml(const recommender::Policy& policy, PolicyComments comments) {
  std::string out;
  std::vector<std::string> open;  // groups of the previous field
  for (const PolicyField& field : recommender::PolicyFields()) {
    const std::vector<std::string> parts = absl::StrSplit(std::string(field.path), '.');
    const std::size_t depth = parts.size() - 1;
    std::size_t same = 0;
    while (same < std::min(depth, open.size()) && parts[same] == open[same]) ++same;
    for (std::size_t level = same; level < depth; ++level) {
      absl::StrAppend(&out, std::string(2 * level, ' '), parts[level], ":\n");
    }
    open.assign(parts.begin(), parts.end() - 1);
    const std::string indent(2 * depth, ' ');
    if (comments == PolicyComments::kFull) AppendComment(Comment(field), indent, out);
    absl::StrAppend(&out, indent, parts.back(), ": ", recommender::PolicyFieldText(policy, field),
                    "\n");
  }
  return out;
}

namespace {

using recommender::Policy;

constexpr std::size_t kMostBytes = 1 << 20;  // of a policy file

struct Errors {
  std::string name;
  std::vector<std::string> lines;

  void Add(int line, absl::string_view message) {
    lines.push_back(absl::StrCat(name, ":", line, ": ", message));
  }
};

int LineOf(const YAML::Node& node) { return node.Mark().line + 1; }

// Line numbers of the keys that were set, by dotted path.
using Lines = std::map<std::string, int>;

std::string Joined(const std::string& prefix, const std::string& key) {
  return prefix.empty() ? key : absl::StrCat(prefix, ".", key);
}

bool IsGroup(const std::string& path) {
  for (const recommender::PolicyField& field : recommender::PolicyFields()) {
    if (field.path.size() > path.size() && field.path.starts_with(path) &&
        field.path[path.size()] == '.') {
      return true;
    }
  }
  return false;
}

void SetLeaf(const YAML::Node& value, const std::string& path, int line, Policy& policy,
             Errors& errors) {
  if (!value.IsScalar()) {
    errors.Add(line, absl::StrCat(path, ": a single value is expected"));
    return;
  }
  const absl::Status status = recommender::SetPolicyField(policy, path, value.Scalar());
  if (!status.ok()) errors.Add(line, status.message());
}

// The caller handles the keys in `skip`.
void SetFields(const YAML::Node& map, const std::string& prefix,
               const std::vector<std::string>& skip, Policy& policy, Lines& lines, Errors& errors) {
  for (const auto& entry : map) {
    const int line = LineOf(entry.first);
    if (!entry.first.IsScalar()) {
      errors.Add(line, "a key must be plain text");
      continue;
    }
    const std::string& key = entry.first.Scalar();
    const bool callers = std::find(skip.begin(), skip.end(), key) != skip.end();
    const std::string path = Joined(prefix, key);
    if (!lines.emplace(path, line).second) {
      errors.Add(line, absl::StrCat(path, ": set twice"));
      continue;
    }
    if (callers) continue;
    if (!IsGroup(path)) {
      SetLeaf(entry.second, path, line, policy, errors);
    } else if (entry.second.IsMap()) {
      SetFields(entry.second, path, {}, policy, lines, errors);
    } else if (!entry.second.IsNull()) {
      errors.Add(line, absl::StrCat(path, ": a group of keys is expected"));
    }
  }
}

// Line of the key that an error names; else of its component; else `beginning`.
int LineOfFault(const Lines& lines, const std::string& fault, int beginning) {
  const std::string path = fault.substr(0, fault.find(':'));
  const auto exact = lines.find(path);
  if (exact != lines.end()) return exact->second;
  const auto component = lines.find(path.substr(0, path.find('.')));
  return component == lines.end() ? beginning : component->second;
}

// Waits are counted in histogram buckets, so the limit must be a bucket's bound.
std::optional<std::string> FaultOfObjective(const recommender::SloPolicy& slo) {
  const auto& bounds = kTimeBounds;
  if (std::find(bounds.begin(), bounds.end(), slo.wait_limit) != bounds.end()) return std::nullopt;
  return absl::StrCat("slo.wait_limit: ", slo.wait_limit, " is none of ",
                      absl::StrJoin(bounds, ", "));
}

void CheckPolicy(const Policy& policy, const Lines& lines, int beginning, Errors& errors) {
  std::vector<std::string> faults = recommender::Validate(policy);
  if (auto fault = FaultOfObjective(policy.slo)) faults.push_back(*std::move(fault));
  for (const std::string& fault : faults) {
    errors.Add(LineOfFault(lines, fault, beginning), fault);
  }
}

std::string TextOf(const YAML::Node& map, const char* key, Errors& errors) {
  const YAML::Node node = map[key];
  if (!node.IsDefined()) return "";
  if (node.IsScalar() && !node.Scalar().empty()) return node.Scalar();
  errors.Add(LineOf(node), absl::StrCat(key, ": a name is expected"));
  return "";
}

void AddOverride(const YAML::Node& node, PolicySet& set, Errors& errors) {
  const int line = LineOf(node);
  if (!node.IsMap() || !node["tenant"].IsDefined()) {
    errors.Add(line, "overrides: each entry is a group of keys with `tenant`");
    return;
  }
  PolicyOverride entry{{TextOf(node, "tenant", errors), TextOf(node, "project", errors)}, set.base};
  Lines lines;
  SetFields(node, "", {"tenant", "project"}, entry.policy, lines, errors);
  CheckPolicy(entry.policy, lines, line, errors);
  set.overrides.push_back(std::move(entry));
}

PolicySet Read(const YAML::Node& root, Errors& errors) {
  PolicySet set;
  if (root.IsNull()) return set;
  if (!root.IsMap()) {
    errors.Add(LineOf(root), "a policy is a group of keys");
    return set;
  }
  Lines lines;
  SetFields(root, "", {"overrides"}, set.base, lines, errors);
  CheckPolicy(set.base, lines, 1, errors);
  const YAML::Node overrides = root["overrides"];
  if (!overrides.IsDefined()) return set;
  if (!overrides.IsSequence()) {
    errors.Add(LineOf(overrides), "overrides: a list is expected");
    return set;
  }
  for (const YAML::Node& node : overrides) AddOverride(node, set, errors);
  return set;
}

}  // namespace

const Policy& PolicySet::For(const Target& target) const {
  // NOLINTNEXTLINE(modernize-loop-convert): clang 14 cannot read libstdc++'s reverse view.
  for (auto entry = overrides.rbegin(); entry != overrides.rend(); ++entry) {
    const bool project = entry->target.project.empty() || entry->target.project == target.project;
    if (project && entry->target.tenant == target.tenant) return entry->policy;
  }
  return base;
}

absl::StatusOr<PolicySet> ParsePolicies(std::string_view text, const std::string& name) {
  Errors errors{name, {}};
  PolicySet set;
  const absl::StatusOr<YAML::Node> root = ParseYaml(text, name);
  if (!root.ok()) return root.status();
  try {
    set = Read(*root, errors);
  } catch (const YAML::Exception& e) {
    errors.Add(e.mark.line + 1, e.msg);
  }
  if (errors.lines.empty()) return set;
  return absl::InvalidArgumentError(absl::StrJoin(errors.lines, "\n"));
}

absl::StatusOr<std::string> ReadPolicyFile(const std::string& path) {
  return ReadWholeFile(path, kMostBytes);
}

absl::StatusOr<PolicySet> LoadPolicyFile(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadPolicyFile(path);
  if (!text.ok()) return text.status();
  return ParsePolicies(*text, path);
}

}  // namespace chatscale
