#include "exporter/commands/make_source.h"

#include "exporter/log/log.h"
#include "exporter/sources/proxy_source.h"

namespace chatscale {
namespace {

void LogCredentialChange(const absl::Status& status) {
  if (status.ok()) {
    Log(LogLevel::kInfo, "credential file usable again");
  } else {
    Log(LogLevel::kWarning, "credential file not usable; keeping the last good value",
        {{"error", std::string(status.message())}});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<SnapshotSource>> MakeSource(const Config& config) {
  switch (config.mode) {
    case Mode::kProxy:
      return MakeProxySource(config.proxy, {config.tenant, config.project}, LogCredentialChange);
    case Mode::kDemo:
    case Mode::kRedis:
      break;
  }
  return absl::UnimplementedError(
      "METRICS_MODE=\"redis\": expected proxy or demo; this version does not read Redis yet");
}

}  // namespace chatscale
