#include "exporter/files/log.h"

#include <spdlog/async.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "exporter/files/files.h"

namespace chatscale {
namespace {

std::atomic<LogFormat>& Format() {
  static std::atomic<LogFormat> format = LogFormat::kText;
  return format;
}

// Used by one thread. Counts the written and the refused lines.
class StandardError final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  std::uint64_t written() const { return written_; }
  std::uint64_t refused() const { return refused_; }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string line(message.payload.data(), message.payload.size());
    ++(WriteWhole(STDERR_FILENO, line + "\n") == 0 ? written_ : refused_);
  }
  void flush_() override {}

  std::atomic<std::uint64_t> written_ = 0, refused_ = 0;
};

// Never destroyed: threads may log until the process ends, and a full pipe would block the exit.
struct Logging {
  static constexpr std::size_t kWaitingLines = 1024;

  std::shared_ptr<StandardError> sink = std::make_shared<StandardError>();
  std::shared_ptr<spdlog::details::thread_pool> writer;
  std::shared_ptr<spdlog::async_logger> logger;
  std::atomic<std::uint64_t> lines = 0;

  Logging() {
    // Blocks signals on the new thread: they are for the threads that wait for them.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    writer = std::make_shared<spdlog::details::thread_pool>(kWaitingLines, 1);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    logger = std::make_shared<spdlog::async_logger>("chatscale", sink, writer,
                                                    spdlog::async_overflow_policy::overrun_oldest);
  }
  std::uint64_t Dropped() const { return writer->overrun_counter() + sink->refused(); }
};

Logging& Logger() {
  static auto* const logging = new Logging;
  return *logging;
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

// As a JSON string: quotes, control characters and invalid UTF-8 cannot break the line.
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
  Logger().logger->set_level(SpdlogLevel(level));
}

void Log(LogLevel level, std::string_view message, LogFields fields) {
  Logging& logging = Logger();
  if (!logging.logger->should_log(SpdlogLevel(level))) return;
  const std::string now =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  ++logging.lines;
  logging.logger->log(SpdlogLevel(level),
                      spdlog::string_view_t(FormatLogLine(Format(), now, level, message, fields)));
}

std::uint64_t DroppedLogLines() { return Logger().Dropped(); }

bool FlushLog(absl::Duration timeout) {
  const Logging& logging = Logger();
  const absl::Time end = absl::Now() + timeout;
  while (logging.sink->written() + logging.Dropped() < logging.lines) {
    if (absl::Now() >= end) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

}  // namespace chatscale
