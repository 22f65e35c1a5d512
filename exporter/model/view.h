// View: everything that may be published after one collection cycle. Immutable once built.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "exporter/model/error_kind.h"
#include "exporter/model/snapshot.h"
#include "exporter/model/source.h"
#include "exporter/model/target.h"
#include "recommender/policy.h"
#include "recommender/recommendation.h"

namespace chatscale {

// Recommendations of one target at one evaluation, ready to be published. Immutable.

struct ServiceRecommendation {
  recommender::Recommendation recommendation;
  std::string sentence;  // explanation for people
  // Changes of the recommendation since start, by recommender::Decision.
  std::array<std::uint64_t, 3> decisions{};
  absl::Time last_decision = absl::InfinitePast();
  std::uint64_t errors = 0;  // evaluations without usable input since start
};

struct Recommendations {
  absl::Time evaluated_at = absl::InfinitePast();  // recommender time; simulated in demo mode
  PerService<ServiceRecommendation> services;
  bool dry_run = false;  // for people only: AutoscalerValuesOf withholds the counts
  // Configuration problems that have lasted a minute; see FleetWarnings.
  std::vector<std::string> warnings;
  double wait_limit_seconds =
      recommender::SloPolicy().wait_limit;  // of the service level objective
};

// The sentence of each service without a recommendation ("proc: no recommendation: ...").
std::vector<std::string> WithoutRecommendation(const Recommendations& recommendations);

// What autoscalers get; in a dry run without the values on which they act.
recommender::AutoscalerValues AutoscalerValuesOf(const Recommendations& recommendations,
                                                 Service service);

// State of one source of one target.
struct SourceHealth {
  std::string source;
  bool up = false;                                 // the last collection succeeded
  absl::Duration duration = absl::ZeroDuration();  // of the last collection
  absl::Time last_success = absl::InfinitePast();  // chatscale's clock
  absl::Time snapshot_at = absl::InfinitePast();   // timestamp in the last good snapshot
  std::map<ErrorKind, std::uint64_t> errors;       // since start
  int malformed_fields = 0;                        // in the last good snapshot
  std::string error;                               // of the last collection; empty when up
  std::optional<int> http_status;                  // of an error response
};

struct TargetView {
  Target target;
  absl::Time built_at = absl::InfinitePast();  // when this view was built, by chatscale's clock
  // Merged from parts within max_age; nullopt without any.
  std::optional<Snapshot> snapshot;
  std::vector<SourceHealth> sources;
  // Instant of each service's values by chatscale's clock: when its document last changed.
  PerService<std::optional<absl::Time>> at;
  std::shared_ptr<const Recommendations> recommendations;  // null: none
  // Documents as collected; empty for a service without a fresh one.
  PerService<DocumentText> document;
};

struct View {
  absl::Time built_at = absl::InfinitePast();  // chatscale's clock
  std::string mode;                            // "proxy", "redis", "demo"
  std::vector<TargetView> targets;
  std::size_t targets_left_out = 0;
};

// An effective setting, safe to show to anybody.
struct ShownSetting {
  std::string variable;
  std::string value;   // without secrets and credentials
  bool given = false;  // false: the default
};

// Result of one export to one sink.
struct SinkOutcome {
  std::string sink;
  absl::Status status;  // contains no secret
  absl::Duration took = absl::ZeroDuration();
};

}  // namespace chatscale
