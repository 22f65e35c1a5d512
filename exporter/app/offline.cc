#include "exporter/app/offline.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

#include "exporter/app/make_parts.h"
#include "exporter/app/process.h"
#include "exporter/app/serve.h"
#include "exporter/http/http_client.h"
#include "exporter/model/error_kind.h"
#include "exporter/recommendations/policy_file.h"

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

int ReplayFile(const PolicySet& policies, const std::string& file, const ReplayOptions& options) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) {
      std::cerr << "chatscale: " << file << ": cannot be read\n";
      return kUsage;
    }
  }
  const absl::Status replayed =
      Replay(policies, file == "-" ? std::cin : opened, std::cout, options);
  if (replayed.ok()) return EXIT_SUCCESS;
  std::cerr << "chatscale: " << replayed.message() << "\n";
  return kFailed;
}

int CheckHealth(const Config& config, std::ostream& errors) {
  if (config.listen_port == 0) {
    errors << "chatscale: METRICS_PORT=0: healthcheck cannot know the port that serve chose\n";
    return kFailed;
  }
  const auto access = MakeAccess(config);
  if (!access.ok()) {
    errors << "chatscale: " << access.status().message() << "\n";
    return kUsage;
  }
  HttpClient client({.any_server = true});
  const auto answer =
      client.Get(ListenUrl(config, config.listen_port, (*access)->https()) + "-/healthy", {},
                 absl::Seconds(3));
  if (answer.ok()) return EXIT_SUCCESS;
  // Who has no certificate is turned away, by one who lives.
  const ErrorKind kind = KindOf(answer.status());
  const bool silent = kind == ErrorKind::kConnect || kind == ErrorKind::kTimeout;
  if ((*access)->RequiresClientCertificate() && !silent) return EXIT_SUCCESS;
  errors << "chatscale: " << answer.status().message() << "\n";
  return kFailed;
}

}  // namespace chatscale
