// What may be published: everything known at one tick, immutable once built.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "exporter/model/advice.h"
#include "exporter/model/error_kind.h"
#include "exporter/model/reading.h"
#include "exporter/model/snapshot.h"
#include "exporter/model/target.h"

namespace chatscale {

// One source of one target, as it stands.
struct SourceHealth {
  std::string source;
  bool up = false;                                 // the last collection succeeded
  absl::Duration duration = absl::ZeroDuration();  // of the last collection
  absl::Time last_success = absl::InfinitePast();  // our clock
  absl::Time snapshot_at = absl::InfinitePast();   // what the last good snapshot says of itself
  std::map<ErrorKind, std::uint64_t> errors;       // since start
  int malformed_fields = 0;                        // in the last good snapshot
  std::string error;                               // of the last collection; empty when up
  std::optional<int> http_status;                  // of its answer, when that was an error
};

struct TargetView {
  Target target;
  absl::Time built_at = absl::InfinitePast();  // our clock: when the rest was put together
  // Merged from the parts that are not too old; nullopt when there is none.
  std::optional<Snapshot> snapshot;
  std::vector<SourceHealth> sources;
  // When what `snapshot` says of each service was true, on our clock: when its document last
  // changed.
  PerService<std::optional<absl::Time>> at;
  std::shared_ptr<const Advice> advice;  // null: none is given
  // Documents as collected; empty when that service has none that is young enough.
  PerService<DocumentText> document;
};

struct View {
  absl::Time built_at = absl::InfinitePast();  // our clock
  std::string mode;                            // "proxy", "redis", "demo"
  std::vector<TargetView> targets;
  std::size_t targets_left_out = 0;
};

// A setting in effect, as anybody may see it.

struct ShownSetting {
  std::string variable;
  std::string value;   // without secrets and credentials
  bool given = false;  // else it is the default
};

// What became of one delivery to one sink, for those who asked for it.

struct SinkOutcome {
  std::string sink;
  absl::Status status;  // holds no secret
  absl::Duration took = absl::ZeroDuration();
};

}  // namespace chatscale
