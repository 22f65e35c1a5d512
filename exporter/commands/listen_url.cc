#include "exporter/commands/listen_url.h"

namespace chatscale {

bool ListensEverywhere(const Config& config) {
  const std::string& host = config.listen_host;
  return host.empty() || host == "0.0.0.0" || host == "::";
}

std::string ListenUrl(const Config& config, int port, bool https) {
  std::string host = ListensEverywhere(config) ? "localhost" : config.listen_host;
  if (host.find(':') != host.npos) host = "[" + host + "]";
  return (https ? "https://" : "http://") + host + ":" + std::to_string(port) + "/";
}

}  // namespace chatscale
