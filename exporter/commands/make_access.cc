#include "exporter/commands/make_access.h"

#include <sys/stat.h>

#include <string>

#include "exporter/log/log.h"

namespace chatscale {
namespace {

void WarnWhereAllMayRead(const std::string& file) {
  struct stat info {};
  if (file.empty() || ::stat(file.c_str(), &info) != 0 || (info.st_mode & S_IROTH) == 0) return;
  Log(LogLevel::kWarning, "everybody on this host may read a secret", {{"file", file}});
}

void TellOfReload(const absl::Status& status) {
  if (status.ok()) {
    Log(LogLevel::kInfo, "the listener's files are reloaded");
  } else {
    Log(LogLevel::kError, "the listener's files are not reloaded; the last good ones stay",
        {{"error", std::string(status.message())}});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Access>> MakeAccess(const Config& config) {
  auto access = Access::Create({.config_file = config.web_config_file,
                                .token_file = config.web_token_file,
                                .reloaded = TellOfReload});
  if (!access.ok()) return access;
  if (config.enable_lifecycle && !(*access)->Authenticates()) {
    return absl::InvalidArgumentError(
        "METRICS_ENABLE_LIFECYCLE: needs authentication: basic_auth_users or "
        "RequireAndVerifyClientCert in METRICS_WEB_CONFIG_FILE, or METRICS_WEB_BEARER_TOKEN_FILE");
  }
  WarnWhereAllMayRead(config.web_token_file);
  return access;
}

}  // namespace chatscale
