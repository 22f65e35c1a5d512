// Decisions as JSON, and the last of them: kept packed, and appended to a file.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "exporter/files/file_thread.h"
#include "exporter/model/advice.h"
#include "exporter/model/target.h"
#include "recommender/policy.h"
#include "recommender/signals.h"
#include "recommender/state.h"

namespace chatscale {

// One decision with all it was made from: evaluating `state` and `signals` again, under the same
// policy, gives the same answer. Pure.

struct DecisionInputs {
  const recommender::Signals& signals;
  const recommender::State& state;  // before the evaluation
  const recommender::Policy& policy;
};

// {"timestamp","tenant","project","component","decision","suppressed","from","to","raw","limited",
//  "notes","sentence","rules","policy_hash","signals","state"}
std::string DecisionJson(const Target& target, const ServiceAdvice& advised,
                         const DecisionInputs& inputs);

// A text that is kept for long and read seldom: deflated.

class PackedText {
 public:
  explicit PackedText(std::string_view text);

  std::string Text() const;

 private:
  std::size_t size_;  // of the text
  std::string packed_;
};

// The last decisions, in memory and, if asked, as JSON lines in a file. Thread-safe.

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
