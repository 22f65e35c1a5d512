#include "exporter/commands/check.h"

#include "exporter/advisor/policy/policy_yaml.h"
#include "exporter/commands/exit_code.h"
#include "exporter/commands/make_access.h"
#include "exporter/commands/make_source.h"

namespace chatscale {
namespace {

std::string NameOf(const Target& target) {
  return "tenant " + target.tenant +
         (target.project.empty() ? ", every project" : ", project " + target.project);
}

}  // namespace

int Check(const Config& config, const PolicySet& policies,
          const std::vector<std::string>& ignored_variables, std::ostream& out,
          std::ostream& errors) {
  for (const std::string& name : ignored_variables) {
    errors << "chatscale: warning: " << name << ": unknown setting ignored\n";
  }
  Config quiet = config;
  quiet.postgres.enabled = false;  // its connection is a thread that begins at once
  if (const auto source = MakeSource(quiet); !source.ok()) {
    errors << "chatscale: " << source.status().message() << "\n";
    return kUsage;
  }
  if (const auto access = MakeAccess(config); !access.ok()) {
    errors << "chatscale: " << access.status().message() << "\n";
    return kUsage;
  }
  out << "configuration is valid (mode " << ModeName(config.mode) << "); the policy in effect:\n"
      << PolicyYaml(policies.base, PolicyComments::kNone);
  for (const PolicyOverride& entry : policies.overrides) {
    out << "# for " << NameOf(entry.target) << ":\n"
        << PolicyYaml(entry.policy, PolicyComments::kNone);
  }
  out.flush();
  if (out) return 0;
  errors << "chatscale: cannot write the answer\n";
  return kFailed;
}

}  // namespace chatscale
