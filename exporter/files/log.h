// Structured logging to standard error: logfmt or JSON, one line an event, everything escaped.
// Thread-safe. Callers log transitions, not polls, and never a secret. A thread of its own writes
// the lines, so that a full pipe blocks no caller; then the oldest queued lines are dropped.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"

namespace chatscale {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kText, kJson };

using LogFields = std::initializer_list<std::pair<std::string_view, std::string>>;

// Before the first call: text, info and above.
void SetUpLog(LogLevel level, LogFormat format);

void Log(LogLevel level, std::string_view message, LogFields fields = {});

// Lines that were dropped.
std::uint64_t DroppedLogLines();

// Waits until all lines are written; false after the timeout `timeout`.
bool FlushLog(absl::Duration timeout = absl::Seconds(1));

// The line Log would write at `timestamp`, without the newline. Pure.
std::string FormatLogLine(LogFormat format, std::string_view timestamp, LogLevel level,
                          std::string_view message, LogFields fields);

}  // namespace chatscale
