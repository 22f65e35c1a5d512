#include "exporter/log/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace chatscale {
namespace {

std::atomic<LogFormat>& Format() {
  static std::atomic<LogFormat> format = LogFormat::kText;
  return format;
}

spdlog::logger& Logger() {
  // Never destroyed: threads may log until the very end. The pattern is the bare message, since
  // spdlog's own JSON patterns do not escape.
  static spdlog::logger* const logger = [] {
    auto* made = new spdlog::logger("chatscale", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

const char* LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

// A JSON string: quotes, control characters and invalid UTF-8 cannot break the line.
std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool IsPlain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || static_cast<unsigned char>(c) >= 0x7F) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string FormatLogLine(LogFormat format, std::string_view timestamp, LogLevel level,
                          std::string_view message, LogFields fields) {
  std::string line;
  if (format == LogFormat::kJson) {
    line = "{\"ts\":" + Quoted(timestamp) + ",\"level\":\"" + LevelName(level) +
           "\",\"msg\":" + Quoted(message);
    for (const auto& [key, value] : fields) line += "," + Quoted(key) + ":" + Quoted(value);
    return line + "}";
  }
  line = "ts=" + std::string(timestamp) + " level=" + LevelName(level) + " msg=" + Quoted(message);
  for (const auto& [key, value] : fields) {
    line += " " + std::string(key) + "=" + (IsPlain(value) ? value : Quoted(value));
  }
  return line;
}

void SetUpLog(LogLevel level, LogFormat format) {
  Format() = format;
  Logger().set_level(SpdlogLevel(level));
}

void Log(LogLevel level, std::string_view message, LogFields fields) {
  if (!Logger().should_log(SpdlogLevel(level))) return;
  const std::string now =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  Logger().log(SpdlogLevel(level),
               spdlog::string_view_t(FormatLogLine(Format(), now, level, message, fields)));
}

}  // namespace chatscale
