// Sources: the interface of a snapshot source, and the samples that one collection returns.
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

// Progress: the current step of the collection thread, to diagnose a hanging cycle. Thread-safe.
class Progress {
 public:
  struct Place {
    absl::Duration since_begin;  // time since the cycle began
    std::string step;
    Target target;  // empty: all targets
  };

  void Begin() {
    const std::lock_guard lock(mutex_);
    begun_ = std::chrono::steady_clock::now();
  }
  // `step` must be a string literal.
  void At(const char* step, const Target& target = {}) {
    const std::lock_guard lock(mutex_);
    step_ = step;
    target_ = target;
  }
  void End() {
    const std::lock_guard lock(mutex_);
    begun_.reset();
  }
  // nullopt: no cycle is running.
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

// Text of a `/monitoring/system` document, created on request because most cycles need none.
// Thread-safe; may be empty (no document).
using DocumentText = std::function<std::string()>;

struct SourceSample {
  std::optional<Service> service;  // service whose fields it has; nullopt: both
  std::string source;              // label value: "ingress", "proc", "redis", "demo"
  absl::StatusOr<Snapshot> snapshot =
      absl::UnknownError("not read");  // an error carries an ErrorKind
  DocumentText document;
  absl::Duration duration = absl::ZeroDuration();
  bool pending = false;  // no response yet: the previous one stays in effect
};

struct TargetSample {
  Target target;
  std::vector<SourceSample> parts;
};

// A source of snapshots. Called from one thread.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;

  // Reads every target once, within `timeout` in total. A part that cannot be read has its error; a
  // target is listed even when nothing of it can be read.
  virtual std::vector<TargetSample> Collect(absl::Time now, absl::Duration timeout) = 0;

  // Callback for samples that arrive while other parts still hang; called during Collect, on its
  // thread.
  virtual void SetEarly(const std::function<void(TargetSample)>& /*callback*/) {}
  // Receives the progress of Collect, if not null.
  virtual void SetProgress(Progress* /*progress*/) {}
  // Number of discovered targets that are not read because of a limit.
  virtual std::size_t LeftOut() const { return 0; }
  // Whether a thread of the source still waits for a response.
  virtual bool Busy() const { return false; }
};

}  // namespace chatscale
