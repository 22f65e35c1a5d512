#include "exporter/commands/healthcheck.h"

#include <cstdlib>
#include <string>

#include "exporter/commands/exit_code.h"
#include "exporter/commands/listen_url.h"
#include "exporter/commands/make_access.h"
#include "exporter/http/http_client.h"
#include "exporter/model/error_kind.h"

namespace chatscale {

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
