// What the user may say about names.
#pragma once

#include <string>

namespace chatscale {

// kKdcube: all that is observed is published as the upstream's twenty scalars, in its units:
// "proc.queue.wait.p95_ms" is kdcube_proc_queue_wait_p95_ms for Prometheus and
// proc/queue/wait/p95_ms for CloudWatch. What the upstream has nothing of, advice and chatscale's
// own work, keeps its name.
enum class NameScheme { kChat, kKdcube };

// An entry of METRICS_MAPPING_JSON.
struct MappedName {
  std::string key;   // the upstream's: "proc.queue.wait.p95_ms"
  std::string name;  // "Processor/QueueWaitP95"
  std::string unit;  // CloudWatch's; "": as the scheme has it
};

}  // namespace chatscale
