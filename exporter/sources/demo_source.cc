#include "exporter/sources/demo_source.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "exporter/sources/document/demo/demo_document.h"
#include "exporter/sources/document_source.h"

namespace chatscale {
namespace {

// Monday, 5 January 2026, 08:00 UTC: the morning rise is a good thing to see first.
constexpr double kDemoStart = 1'767'600'000;
constexpr double kMostSecondsPerTake = 2 * 86'400;

}  // namespace

struct DemoSource::Demo {
  Demo(std::uint64_t seed, double simulated_per_second)
      : speed(simulated_per_second), system(seed, kDemoStart) {}

  std::string DocumentAt(absl::Time now) {
    const std::lock_guard lock(mutex);
    const double passed = speed * absl::ToDoubleSeconds(now - last_take.value_or(now));
    last_take = now;
    system.AdvanceTo(system.now() + std::clamp(passed, 0.0, kMostSecondsPerTake));
    return DemoDocument(system);
  }

  const double speed;
  // Not absl::Mutex: the thread sanitizer does not see the locks of Debian's Abseil, which is built
  // without it.
  std::mutex mutex;
  DemoSystem system;                    // guarded by mutex
  std::optional<absl::Time> last_take;  // guarded by mutex
};

DemoSource::DemoSource(std::uint64_t seed, double speed, Target target)
    : demo_(std::make_shared<Demo>(seed, speed)) {
  auto fetch = [demo = demo_](absl::Time now, absl::Duration) -> absl::StatusOr<std::string> {
    return demo->DocumentAt(now);
  };
  source_ = std::make_unique<DocumentSource>(
      std::move(target),
      std::vector<DocumentPart>{
          {.source = "demo", .service = std::nullopt, .fetch = std::move(fetch)}},
      std::nullopt);
}

DemoSource::~DemoSource() = default;

std::vector<TargetReading> DemoSource::Take(absl::Time now, absl::Duration timeout) {
  return source_->Take(now, timeout);
}

void DemoSource::SetDesired(int ingress, int proc) {
  const std::lock_guard lock(demo_->mutex);
  demo_->system.SetDesired(ingress, proc);
}

}  // namespace chatscale
