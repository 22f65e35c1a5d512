// How much of anything is taken from outside. What is more is malformed where it enters: work whose
// amount somebody else decides would delay every other target.
#pragma once

#include <cstddef>
#include <optional>

namespace chatscale {

inline constexpr std::size_t kMostJsonDepth = 32;
inline constexpr std::size_t kMostConfigBytes = 64 * 1024;
inline constexpr std::size_t kMostConfigKeys = 1000;
inline constexpr std::size_t kMostIdBytes = 128;    // of an instance, a tenant, a project
inline constexpr std::size_t kMostKeyBytes = 1024;  // of Redis
inline constexpr std::size_t kMostHeartbeatBytes = 16 * 1024;
inline constexpr std::size_t kMostEventBytes = 4096;  // of a throttling event
inline constexpr std::size_t kMostInstances = 4000;   // of a target; as many processes
inline constexpr std::size_t kMostTextBytes = 1024;   // of a text in a document
inline constexpr int kMostMembers = 100;              // each of which becomes a label
inline constexpr double kMostSlots = 1e5;             // of a process
inline constexpr double kMostProcesses = 1e4;         // of an instance
inline constexpr double kMostCount = 1e9;             // tasks, streams, connections; milliseconds
inline constexpr double kMostTotal = 1e15;            // of a counter
inline constexpr double kLongestSeconds = 7 * 86400;  // a wait or an execution
inline constexpr double kOldestSeconds = 366 * 86400.0;  // a task
inline constexpr double kMostUnixSeconds = 1e11;         // milliseconds are none

// More than two tasks a slot; where both are known.
inline bool BeyondSlots(std::optional<double> load, std::optional<double> slots) {
  return slots.value_or(0) > 0 && load.value_or(0) > 2 * *slots;
}

}  // namespace chatscale
