// Keeps the last good reading of each source of one target until it is too old. Pure: time comes
// in.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "exporter/model/reading.h"
#include "exporter/model/snapshot.h"
#include "exporter/model/view.h"

namespace chatscale {

// Two documents of one system -> one Snapshot. Pure.

// Fields of the ingress service come from the document an ingress process served, those of the
// processor from the proc document; where one did not deliver a field, the other's is used: both
// read the same Redis. Either pointer may be null; both null gives an empty Snapshot.
// `taken_at` is the older of the two, so that nothing looks fresher than it is.
Snapshot Merge(const PerService<const Snapshot*>& of);

// A change worth one log line: a source went down, came back, or fails in another way.
struct SourceTransition {
  Target target;
  std::string source;
  bool up = false;
  ErrorKind kind = ErrorKind::kInternal;  // when down
  std::string message;
};

class HeldTarget {
 public:
  explicit HeldTarget(Target target) : target_(std::move(target)) {}

  // Takes in one collection and says what changed.
  std::vector<SourceTransition> Update(const TargetReading& reading, absl::Time now);

  // The target as it may be shown: parts older than `max_age` are left out.
  TargetView View(absl::Time now, absl::Duration max_age) const;

 private:
  struct Part {
    std::optional<Service> service;
    SourceHealth health;
    std::optional<Snapshot> snapshot;
    absl::Time changed_at = absl::InfinitePast();  // when the document's own timestamp moved
    DocumentText document;
    std::optional<ErrorKind> failing;  // kind of the present failure
  };

  Part& PartOf(const PartReading& reading);

  Target target_;
  std::vector<Part> parts_;
};

}  // namespace chatscale
