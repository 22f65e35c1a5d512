// Demo mode: snapshots of a simulated system that lives faster than we do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exporter/model/source.h"
#include "exporter/sources/demo_system.h"

namespace chatscale {

// The simulated system as a `/monitoring/system` document, of the upstream's shape. Pure.

// Adds to the upstream's members "demo": true, and "chatscale": {"queue": {"waiting", "in_flight",
// "oldest_waiting_seconds"}, "counts": {...}}, which say what the upstream's document cannot.
std::string DemoDocument(const DemoSystem& system);

struct DemoOptions {
  double speed = 144;  // simulated seconds per second: a day in ten minutes
  std::uint64_t seed = 1;
};

// One target, "demo" / "demo" unless named otherwise. Simulated time starts with the first Take,
// passes at `speed` simulated seconds a second, and is the document's timestamp. It stands still
// while the clock is set back, and advances by at most two days a Take (a suspended machine), which
// bounds what one Take costs.
class DemoSource : public SnapshotSource {
 public:
  explicit DemoSource(const DemoOptions& options, Target target = {"demo", "demo"});
  ~DemoSource() override;

  std::vector<TargetSample> Collect(absl::Time now, absl::Duration timeout) override;

  // What an autoscaler would do. Replicas start (90 simulated seconds) and drain from the instant
  // of the last Take on; negative counts are 0. Thread-safe.
  void SetDesired(int ingress, int proc);

 private:
  struct Demo;
  std::shared_ptr<Demo> demo_;
  std::unique_ptr<SnapshotSource> source_;
};

}  // namespace chatscale
