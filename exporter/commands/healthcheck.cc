#include "exporter/commands/healthcheck.h"

#include <cstdlib>
#include <string>

#include "exporter/commands/exit_code.h"
#include "exporter/commands/listen_url.h"
#include "exporter/http/http_client.h"

namespace chatscale {

int CheckHealth(const Config& config, std::ostream& errors) {
  if (config.listen_port == 0) {
    errors << "chatscale: METRICS_PORT=0: healthcheck cannot know the port that serve chose\n";
    return kFailed;
  }
  HttpClient client({});
  const auto answer =
      client.Get(ListenUrl(config, config.listen_port) + "-/healthy", {}, absl::Seconds(3));
  if (answer.ok()) return EXIT_SUCCESS;
  errors << "chatscale: " << answer.status().message() << "\n";
  return kFailed;
}

}  // namespace chatscale
