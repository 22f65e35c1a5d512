#include "exporter/sources/demo_source.h"

#include <optional>
#include <utility>
#include <vector>

#include "exporter/sources/document_source.h"
#include "exporter/sources/simulator/demo_document.h"

namespace chatscale {
namespace {

// Monday, 5 January 2026, 08:00 UTC: the morning rise is a good thing to see first.
constexpr double kDemoStart = 1'767'600'000;

struct Demo {
  DemoSystem system;
  double speed;
  std::optional<absl::Time> began;
};

}  // namespace

std::unique_ptr<SnapshotSource> MakeDemoSource(std::uint64_t seed, double speed) {
  auto demo = std::make_shared<Demo>(Demo{DemoSystem(seed, kDemoStart), speed, std::nullopt});
  auto fetch = [demo](absl::Time now, absl::Duration) -> absl::StatusOr<std::string> {
    if (!demo->began) demo->began = now;
    demo->system.AdvanceTo(kDemoStart + demo->speed * absl::ToDoubleSeconds(now - *demo->began));
    return DemoDocument(demo->system);
  };
  return std::make_unique<DocumentSource>(
      Target{"demo", "demo"},
      std::vector<DocumentPart>{
          {.source = "demo", .owner = Owner::kWhole, .fetch = std::move(fetch)}});
}

}  // namespace chatscale
