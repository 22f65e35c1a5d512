// Which ingress processes drain. Nothing says so: an ingress that a load balancer has deregistered
// keeps its streams and its heartbeat for minutes. But its streams only fall, and it opens none
// while the others of its fleet do. Pure.
//
// A process drains once its streams have fallen, and that it has opened none since can hardly be
// chance: of n processes that take streams and had as many as it or more (a load balancer may
// prefer those with fewer), k were seen to have more than a cycle ago, so that one that takes its
// share has no more with a probability of 1 - k / n, and the product over the cycles is below
// e^-kEvidence. When it opens a stream it drains no more.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/model/snapshot.h"

namespace chatscale::redis {

inline constexpr double kEvidence = 12;

class StreamWatch {
 public:
  // One cycle: open streams by process. A process that is not among them is forgotten.
  void Observe(const std::map<std::string, double>& streams);

  bool Drains(const std::string& process) const;

 private:
  struct Watched {
    double streams = 0;
    bool fell = false;    // since it last opened one
    double evidence = 0;  // negative logarithm of the probability, since then

    bool drains() const { return fell && evidence >= kEvidence; }
  };
  std::map<std::string, Watched> watched_;
};

// Open streams of the ingress processes (contract 2.5, 4.4).
//
// An entry is written when a stream opens or closes and expires a minute later, so a quiet process
// vanishes from Redis with all its streams (defect D10). Its last entry stays exact while its
// heartbeat lives: SseTable keeps it until the process writes again, or has been gone for longer
// than a heartbeat may be old: one that is late by a moment takes no streams away. A live process
// whose entry was never seen is counted as not heard from.

class TolerantParser;

struct SseEntry {
  double count = 0;  // streams of this tenant and project
  double sessions = 0;
  double limit = 0;          // of the process, over all tenants (D11); 0 = no limit known
  std::optional<double> ts;  // Unix seconds; nullopt when missing or no number: counts as fresh
};

// Nullopt when the entry is unusable as a whole: no object, or count, sessions or max unreadable,
// negative or above 1e9. Half of an entry would add streams without their limit (D11).
std::optional<SseEntry> ParseSseEntry(TolerantParser& parser, std::string_view json);

struct SseLimits {       // seconds
  double max_age = 120;  // of an entry, by its own time
  double gone = 45;      // without a heartbeat, until a process is forgotten
};

class SseTable {
 public:
  // What Redis answered for the process "<instance_id>:<process_id>" at `now` (Unix seconds).
  // `entry` is nullopt when there is none. An old entry counts only while the process is known.
  void Observe(const std::string& process, const std::optional<SseEntry>& entry, bool alive,
               double now, const SseLimits& limits);
  // After the last process of a cycle: who opened streams, and who did not?
  void EndCycle();
  bool Drains(const std::string& process) const { return watch_.Drains(process); }

  struct Known {
    std::optional<SseEntry> entry;     // nullopt: never seen
    bool kept = false;                 // expired or aged in Redis; held because its process lives
    std::optional<double> last_alive;  // Unix seconds; nullopt: only its entry has been met
  };
  // By process: those alive, those not gone for long, and those with a fresh entry.
  const std::map<std::string, Known>& processes() const { return processes_; }

 private:
  std::map<std::string, Known> processes_;
  StreamWatch watch_;
};

struct SseTotals {
  double connections = 0, limit = 0, sessions = 0;
  double draining_limit = 0;       // part of `limit`: of processes that drain
  int processes = 0, kept = 0;     // that contribute
  MaybeNumber hottest_saturation;  // highest count / limit of one process
};

// Nullopt when no entry counts.
std::optional<SseTotals> TotalsOf(const SseTable& table);

// Share of the live processes with an entry; nullopt when none lives.
MaybeNumber CoverageOf(const SseTable& table);

}  // namespace chatscale::redis
