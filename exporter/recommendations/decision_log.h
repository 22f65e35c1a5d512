// Decision log: decisions as JSON; the newest are kept in memory and appended to a file.
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
#include "exporter/model/target.h"
#include "exporter/model/view.h"
#include "recommender/policy.h"
#include "recommender/signals.h"
#include "recommender/state.h"

namespace chatscale {

// A decision's inputs: evaluating `state` and `signals` again gives the same result.
struct DecisionInputs {
  const recommender::Signals& signals;
  const recommender::State& state;  // before the evaluation
  const recommender::Policy& policy;
};

// {"timestamp","tenant","project","component","decision","suppressed","from","to","raw","limited",
//  "notes","sentence","rules","policy_hash","signals","state"}
std::string DecisionJson(const Target& target, const ServiceRecommendation& recommended,
                         const DecisionInputs& inputs);

// A deflated text, for records that are kept long and read seldom.
class PackedText {
 public:
  explicit PackedText(std::string_view text);

  std::string Text() const;

 private:
  std::size_t size_;  // uncompressed
  std::string packed_;
};

struct LoggedDecision {
  Target target;
  Service service{};
  std::string json;  // one object, one line
};

struct DecisionLogOptions {
  std::size_t kept = 256;                    // records in memory, over all targets
  std::string file;                          // empty: none
  std::size_t most_file_bytes = 10'000'000;  // then renamed to "<file>.1", replacing that
};

// Keeps the newest decisions in memory and, optionally, as JSON lines in a file. Thread-safe.
class DecisionLog {
 public:
  explicit DecisionLog(DecisionLogOptions options) : options_(std::move(options)) {}

  // A separate thread writes the file; Outcome returns its result.
  void Add(LoggedDecision record);
  absl::Status Outcome() const { return writer_.Outcome(); }
  // Waits for the file; see FileThread::Wait.
  absl::Status Wait(absl::Duration timeout) { return writer_.Wait(timeout); }

  // At most `most` records that `matches` accepts, newest first.
  std::vector<std::string> Newest(const std::function<bool(const Target&, Service)>& matches,
                                  std::size_t most) const;

 private:
  // With its inputs, a record is about 30 KB of text.
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
  std::deque<std::string> unwritten_;  // lines to write, at most `kept`
  std::size_t lost_ = 0;               // discarded lines
  FileThread writer_;                  // destroyed first
};

}  // namespace chatscale
