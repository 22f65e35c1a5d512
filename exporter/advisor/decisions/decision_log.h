// The last decisions, in memory and, if asked, as JSON lines in a file. Thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "exporter/advisor/decisions/packed_text.h"
#include "exporter/files/file_thread.h"
#include "exporter/model/target.h"

namespace chatscale {

struct LoggedDecision {
  Target target;
  Service service{};
  std::string json;  // one object, one line
};

struct DecisionLogOptions {
  std::size_t kept = 256;                    // in memory, all targets together
  std::string file;                          // empty: none
  std::size_t most_file_bytes = 10'000'000;  // then it becomes "<file>.1", replacing the last one
};

class DecisionLog {
 public:
  explicit DecisionLog(DecisionLogOptions options) : options_(std::move(options)) {}

  // The file is written by a thread of its own: Outcome says how that goes.
  void Add(LoggedDecision record);
  absl::Status Outcome() const { return writer_.Outcome(); }
  // Waits for the file; see FileThread::Wait.
  absl::Status Wait(absl::Duration patience) { return writer_.Wait(patience); }

  // Newest first, those that `matches` accepts, at most `most`.
  std::vector<std::string> Newest(const std::function<bool(const Target&, Service)>& matches,
                                  std::size_t most) const;

 private:
  // With all that it was made from a record is some 30 KB of text.
  struct Kept {
    Target target;
    Service service{};
    PackedText json;
  };

  absl::Status Write();
  absl::Status Append(const std::string& line) const;

  const DecisionLogOptions options_;
  mutable std::mutex mutex_;
  std::deque<Kept> records_;
  std::deque<std::string> unwritten_;  // lines, at most as many as are kept
  std::size_t lost_ = 0;               // lines
  FileThread writer_;                  // ends first
};

}  // namespace chatscale
