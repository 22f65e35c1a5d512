// What one collection brought home, and where it comes from.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "exporter/model/snapshot.h"
#include "exporter/model/target.h"

namespace chatscale {

// Where the collecting thread is: for whoever asks why no cycle ends. Thread-safe.

class Progress {
 public:
  struct Place {
    absl::Duration since_begin;  // of the cycle
    std::string step;
    Target target;  // empty: all of them
  };

  void Begin() {
    const std::lock_guard lock(mutex_);
    begun_ = std::chrono::steady_clock::now();
  }
  // `step` must be a literal.
  void At(const char* step, const Target& target = {}) {
    const std::lock_guard lock(mutex_);
    step_ = step;
    target_ = target;
  }
  void End() {
    const std::lock_guard lock(mutex_);
    begun_.reset();
  }
  // nullopt: between two cycles.
  std::optional<Place> Now() const {
    const std::lock_guard lock(mutex_);
    if (!begun_) return std::nullopt;
    return Place{absl::FromChrono(std::chrono::steady_clock::now() - *begun_), step_, target_};
  }

 private:
  mutable std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> begun_ ABSL_GUARDED_BY(mutex_);
  const char* step_ ABSL_GUARDED_BY(mutex_) = "";
  Target target_ ABSL_GUARDED_BY(mutex_);
};

// The text of a `/monitoring/system` document, made when somebody asks for it: most cycles nobody
// does. Thread-safe; may be empty (no document).
using DocumentText = std::function<std::string()>;

// One source's answer for one target.
struct PartReading {
  std::optional<Service> service;  // the one whose fields it may speak for; nullopt: both
  std::string source;              // "ingress", "proc", "redis", "demo": a label value
  absl::StatusOr<Snapshot> snapshot = absl::UnknownError("not read");  // carries an ErrorKind
  DocumentText document;
  absl::Duration duration = absl::ZeroDuration();
  bool pending = false;  // it has not answered yet: nothing is known, its last answer stands
};

struct TargetReading {
  Target target;
  std::vector<PartReading> parts;
};

// A place snapshots come from. Called from one thread.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;

  // Reads every target once, within `timeout` in all. A part that could not be read carries the
  // error; a target is listed even when nothing of it could be read.
  virtual std::vector<TargetReading> Take(absl::Time now, absl::Duration timeout) = 0;

  // `told` gets, during Take and on its thread, what came while other parts still hang.
  virtual void SetEarly(const std::function<void(TargetReading)>& /*told*/) {}
  // Is told where Take is, if not null.
  virtual void SetProgress(Progress* /*progress*/) {}
  // Targets that were found and are not read, for want of room.
  virtual std::size_t LeftOut() const { return 0; }
  // A thread of the source is still waiting for an answer.
  virtual bool Busy() const { return false; }
};

}  // namespace chatscale
