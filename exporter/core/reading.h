// What one collection brought home, and where it comes from.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "exporter/core/progress.h"
#include "exporter/core/snapshot.h"
#include "exporter/core/target.h"

namespace chatscale {

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
