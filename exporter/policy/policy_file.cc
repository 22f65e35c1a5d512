#include "exporter/policy/policy_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "recommender/policy_fields.h"

namespace chatscale {
namespace {

using recommender::Policy;

constexpr std::size_t kMostBytes = 1 << 20;
constexpr int kDeepest = 8;

// Reads one mapping of policy keys into a policy, and remembers where each key stood.
class Reader {
 public:
  Reader(const std::string& file, std::vector<std::string>* faults)
      : file_(file), faults_(faults) {}

  void Fault(const YAML::Node& node, const std::string& text) { Fault(node.Mark().line + 1, text); }
  void Fault(int line, const std::string& text) {
    faults_->push_back(file_ + ":" + std::to_string(line) + ": " + text);
  }

  // `skip`: keys of the outermost level that are not policy fields.
  void Take(const YAML::Node& node, const std::string& prefix, const std::set<std::string>& skip,
            Policy& policy) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        Fault(entry.first, "expected a key");
        continue;
      }
      const std::string key = entry.first.Scalar();
      if (skip.contains(key)) continue;
      const std::string path = prefix.empty() ? key : prefix + "." + key;
      if (!seen.insert(key).second) {
        Fault(entry.first, path + ": given twice");
      } else if (entry.second.IsMap() && std::count(path.begin(), path.end(), '.') < kDeepest) {
        Take(entry.second, path, {}, policy);
      } else if (entry.second.IsScalar()) {
        lines_[path] = entry.first.Mark().line + 1;
        const absl::Status set = recommender::SetPolicyField(policy, path, entry.second.Scalar());
        if (!set.ok()) Fault(entry.first, std::string(set.message()));
      } else {
        Fault(entry.first, path + ": expected a value or a mapping");
      }
    }
  }

  // What only shows when all fields are known; faults start with the field's path.
  void Check(const Policy& policy, int fallback_line) {
    for (const std::string& fault : recommender::Validate(policy)) {
      const auto found = lines_.find(fault.substr(0, fault.find(':')));
      Fault(found == lines_.end() ? fallback_line : found->second, fault);
    }
  }

 private:
  const std::string& file_;
  std::vector<std::string>* faults_;
  std::map<std::string, int> lines_;
};

Policy BaseOf(const YAML::Node& root, Reader& reader) {
  const YAML::Node base = root["base"];
  if (!base) return recommender::DocumentedPolicy();
  const auto policy = base.IsScalar() ? ShippedPolicy(base.Scalar()) : std::nullopt;
  if (!policy) reader.Fault(base, "base: expected documented or responsive");
  return policy.value_or(recommender::DocumentedPolicy());
}

std::string TextOf(const YAML::Node& node, const char* key) {
  const YAML::Node value = node[key];
  return value && value.IsScalar() ? value.Scalar() : "";
}

void TakeOverrides(const YAML::Node& list, const std::string& file, PolicySet& set,
                   std::vector<std::string>& faults) {
  Reader outer(file, &faults);
  if (!list.IsSequence()) return outer.Fault(list, "overrides: expected a list");
  std::set<std::pair<std::string, std::string>> seen;
  for (const YAML::Node& node : list) {
    Reader reader(file, &faults);
    if (!node.IsMap() || TextOf(node, "tenant").empty()) {
      reader.Fault(node, "overrides: expected an entry with a tenant");
      continue;
    }
    PolicyOverride entry{TextOf(node, "tenant"), TextOf(node, "project"), set.common};
    if (!seen.insert({entry.tenant, entry.project}).second) {
      reader.Fault(node, "overrides: " + entry.tenant + "/" + entry.project + " is given twice");
    }
    reader.Take(node, "", {"tenant", "project"}, entry.policy);
    reader.Check(entry.policy, node.Mark().line + 1);
    set.overrides.push_back(std::move(entry));
  }
}

void TakeDocument(const YAML::Node& root, const std::string& file, PolicySet& set,
                  std::vector<std::string>& faults) {
  Reader reader(file, &faults);
  if (root.IsNull()) return;
  if (!root.IsMap()) return reader.Fault(root, "expected a mapping");
  set.common = BaseOf(root, reader);
  reader.Take(root, "", {"base", "overrides"}, set.common);
  reader.Check(set.common, 1);
  if (const YAML::Node overrides = root["overrides"]) TakeOverrides(overrides, file, set, faults);
}

}  // namespace

const Policy& PolicySet::For(const Target& target) const {
  const Policy* best = &common;
  for (const PolicyOverride& entry : overrides) {
    if (entry.tenant != target.tenant) continue;
    if (entry.project == target.project) return entry.policy;
    if (entry.project.empty()) best = &entry.policy;
  }
  return *best;
}

std::optional<Policy> ShippedPolicy(std::string_view name) {
  if (name == "documented") return recommender::DocumentedPolicy();
  if (name == "responsive") return recommender::ResponsivePolicy();
  return std::nullopt;
}

PolicyLoad ParsePolicies(const std::string& file, const std::string& yaml) {
  PolicyLoad load;
  PolicySet set;
  try {
    TakeDocument(YAML::Load(yaml), file, set, load.faults);
  } catch (const YAML::Exception& error) {
    load.faults.push_back(file + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
  if (load.faults.empty()) load.policies = std::move(set);
  return load;
}

PolicyLoad LoadPolicyFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.empty() && !file.eof()) return {std::nullopt, {path + ": cannot be read"}};
  if (text.size() > kMostBytes) return {std::nullopt, {path + ": larger than 1 MiB"}};
  return ParsePolicies(path, text);
}

}  // namespace chatscale
