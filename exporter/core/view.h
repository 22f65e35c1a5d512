// What may be published: everything known at one tick, immutable once built.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "exporter/core/advice.h"
#include "exporter/core/error_kind.h"
#include "exporter/core/reading.h"
#include "exporter/core/snapshot.h"
#include "exporter/core/target.h"

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
  absl::Time shown_at = absl::InfinitePast();  // ages are counted up to here
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

// The process itself, from /proc/self; a field that cannot be read is absent.
struct ProcessStats {
  MaybeNumber cpu_seconds, resident_bytes, virtual_bytes, open_fds, max_fds, start_time_seconds;
  std::uint64_t log_lines_dropped = 0;
};

struct HttpStats {
  std::map<std::pair<std::string, int>, std::uint64_t> requests;  // {handler, code}
  MaybeNumber connections;
  std::map<std::string, std::uint64_t> rejected;  // by reason
};

struct ReloadStats {
  bool successful = true;                          // the last one
  absl::Time last_success = absl::InfinitePast();  // the start counts
  std::uint64_t policy_hash = 0;                   // of what is in effect
};

// One sink, since the start.
struct SinkStats {
  std::string sink;
  std::optional<bool> up;                          // the last delivery succeeded; nullopt: none yet
  absl::Duration duration = absl::ZeroDuration();  // of the last delivery
  absl::Time last_success = absl::InfinitePast();
  std::uint64_t delivered = 0, failed = 0;
  std::uint64_t skipped = 0;  // publications that a newer one overtook, and beats that were missed
  std::uint64_t retries = 0;
};

struct View {
  absl::Time built_at = absl::InfinitePast();  // our clock
  std::string mode;                            // "proxy", "redis", "demo"
  std::vector<TargetView> targets;
  std::size_t targets_left_out = 0;
  ProcessStats process;
  HttpStats http;
  ReloadStats reload;
  std::vector<SinkStats> sinks;
  std::map<std::string, std::uint64_t> dropped_series;  // by reason, since start
};

}  // namespace chatscale
