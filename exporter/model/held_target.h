// Held target: keeps the last good sample of each source of one target until it is stale. Pure: the
// time is an argument.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "exporter/model/snapshot.h"
#include "exporter/model/source.h"
#include "exporter/model/view.h"

namespace chatscale {

// Merges the documents of both services. Ingress fields come from the ingress document, processor
// fields from the proc document; a missing field comes from the other, as both read the same Redis.
// Either pointer may be null; both null gives an empty Snapshot. `taken_at` is the older one, so
// that nothing looks fresher than it is.
Snapshot Merge(const PerService<const Snapshot*>& of);

// A change that is logged once: a source goes down, recovers, or fails in another way.
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

  // Stores one collected sample; returns the changes.
  std::vector<SourceTransition> Update(const TargetSample& sample, absl::Time now);

  // The target as published: parts older than `max_age` are left out.
  TargetView View(absl::Time now, absl::Duration max_age) const;

 private:
  struct Part {
    std::optional<Service> service;
    SourceHealth health;
    std::optional<Snapshot> snapshot;
    absl::Time changed_at = absl::InfinitePast();  // last change of the document's timestamp
    DocumentText document;
    std::optional<ErrorKind> failing;  // kind of the current failure
  };

  Part& PartOf(const SourceSample& sample);

  Target target_;
  std::vector<Part> parts_;
};

}  // namespace chatscale
