// Open SSE streams of the ingress processes, and which of these processes drain. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/model/snapshot.h"

namespace chatscale::redis {

inline constexpr double kEvidence = 12;

// Detects draining ingress processes. No key records it: an ingress that a load balancer has
// deregistered keeps its streams and its heartbeat for minutes. But it opens none while others do.
//
// A process counts as draining once its streams have fallen and it can hardly be chance that it has
// opened none since. Per cycle: of the n processes that are not draining and had at least as many
// streams (a load balancer may prefer those with fewer), k have more than a cycle ago. A process
// that takes its share would have no more with a probability of 1 - k / n. The product over the
// cycles must be below e^-kEvidence. A process that opens a stream is no longer draining.
class StreamWatch {
 public:
  // One cycle: open streams by process. A process that is not in `streams` is forgotten.
  void Observe(const std::map<std::string, double>& streams);

  bool Drains(const std::string& process) const;

 private:
  struct WatchedStream {
    double streams = 0;
    bool fell = false;    // since it last opened one
    double evidence = 0;  // negative logarithm of the product of probabilities, since then

    bool drains() const { return fell && evidence >= kEvidence; }
  };
  std::map<std::string, WatchedStream> watched_;
};

class TolerantParser;

struct SseEntry {
  double count = 0;  // streams of this tenant and project
  double sessions = 0;
  double limit = 0;          // of the process, over all tenants (D11); 0: unknown
  std::optional<double> ts;  // Unix seconds; nullopt when missing or not a number: fresh
};

// Nullopt when the entry is not an object, or count, sessions or max is malformed, negative or
// above 1e9: a partial entry would add streams without their limit (D11).
std::optional<SseEntry> ParseSseEntry(TolerantParser& parser, std::string_view json);

struct SseLimits {       // seconds
  double max_age = 120;  // of an entry, by its own time
  double gone = 45;      // without a heartbeat, until a process is forgotten
};

// The SSE entries of the live ingress processes.
//
// An entry is written when a stream opens or closes and expires a minute later, so a quiet process
// vanishes from Redis with all its streams (D10). Its last entry stays exact while its heartbeat
// lives: the table keeps it until the process writes again, or had no heartbeat for SseLimits::gone
// seconds, so that a heartbeat that is late removes no streams. A live process whose entry was
// never seen lowers the coverage.
class SseTable {
 public:
  // One reply for the process "<instance_id>:<process_id>" at `now` (Unix seconds). `entry` is
  // nullopt when there is none. A stale entry counts only while the process is known.
  void Observe(const std::string& process, const std::optional<SseEntry>& entry, bool alive,
               double now, const SseLimits& limits);
  // To be called after the last process of a cycle: updates which processes drain.
  void EndCycle();
  bool Drains(const std::string& process) const { return watch_.Drains(process); }

  struct Known {
    std::optional<SseEntry> entry;     // nullopt: never seen
    bool kept = false;                 // expired or stale in Redis; kept as its process lives
    std::optional<double> last_alive;  // Unix seconds; nullopt: only its entry was seen
  };
  // By process: live, gone for at most SseLimits::gone, or with a fresh entry.
  const std::map<std::string, Known>& processes() const { return processes_; }

 private:
  std::map<std::string, Known> processes_;
  StreamWatch watch_;
};

struct SseTotals {
  double connections = 0, limit = 0, sessions = 0;
  double draining_limit = 0;       // the part of `limit` that is of draining processes
  int processes = 0, kept = 0;     // number of entries; of those kept
  MaybeNumber hottest_saturation;  // highest count / limit of one process
};

// Nullopt when there is no entry.
std::optional<SseTotals> TotalsOf(const SseTable& table);

// Share of the live processes with an entry, 0 to 1; nullopt when none lives.
MaybeNumber CoverageOf(const SseTable& table);

}  // namespace chatscale::redis
