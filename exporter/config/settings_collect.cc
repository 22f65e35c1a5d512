// Mode, listener, and the beat of collecting.
#include "exporter/config/setting_text.h"
#include "exporter/config/settings_subjects.h"

namespace chatscale {
namespace {

bool TakeMode(std::string_view text, Config& c) {
  for (const Mode mode : {Mode::kRedis, Mode::kProxy, Mode::kDemo}) {
    if (text == ModeName(mode)) {
      c.mode = mode;
      return true;
    }
  }
  return false;
}

bool TakeListenAddress(std::string_view text, Config& c) {
  const auto address = HostPortFrom(text);
  if (!address) return false;
  if (!address->host.empty()) c.listen_host = address->host;
  c.listen_port = address->port;
  return true;
}

std::string DefaultAddress() {
  const Config config;
  return config.listen_host + ":" + std::to_string(config.listen_port);
}

}  // namespace

std::vector<Setting> CollectSettings() {
  return {
      {"--mode",
       "METRICS_MODE",
       {"redis, proxy or demo", ModeName(Config().mode), TakeMode},
       "Where figures come from: Redis, the services' own HTTP documents, or a simulation"},
      {"--web.port", "METRICS_PORT", Port(&Config::listen_port, 0).With(" (0: any free one)"),
       "Port to listen on"},
      {"--web.listen-address",
       "METRICS_LISTEN_ADDRESS",
       {"host:port, :port or [IPv6]:port", DefaultAddress(), TakeListenAddress},
       "Address to listen on; overrules the port"},
      {"--collect.interval", "METRICS_COLLECT_INTERVAL_SEC",
       Seconds(&Config::collect_interval, absl::Seconds(1), absl::Hours(1)),
       "Time between collections; in demo mode, simulated time"},
      {"--collect.timeout", "METRICS_REQUEST_TIMEOUT_SEC",
       Seconds(&Config::request_timeout, absl::Milliseconds(100), absl::Minutes(5))
           .With(", not more than the maximum age"),
       "Total time one collection may take"},
      {"--collect.max-age", "METRICS_MAX_AGE_SEC",
       Seconds(&Config::max_age, absl::Seconds(1), absl::Hours(24))
           .With(", not less than the interval")
           .Default("5 x interval"),
       "Age after which the values of a failing source are withheld"},
      {"--web.scrape-ttl", "METRICS_PROM_SCRAPE_TTL_SEC",
       Seconds(&Config::scrape_ttl, absl::ZeroDuration(), absl::Hours(1)),
       "Age of the figures from which a scrape asks for a new collection"},
  };
}

}  // namespace chatscale
