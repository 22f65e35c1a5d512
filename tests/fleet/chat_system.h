// ChatSystem: a ChatModel with demand of its own, second by second, and what its processes write
// into Redis: queue, background jobs, streams, and heartbeats every 10 s, each process at its own
// time, which stay for 30 s after their process (docs/upstream.md).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "exporter/model/target.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/sources/chat_model.h"

namespace chatscale {

class ChatSystem {
 public:
  // Demand and behaviour; may change at any time.
  double tasks_per_second = 1.6, task_seconds = 30;  // exponential
  double jobs_per_second = 0, job_seconds = 60;
  double streams = 900, stream_seconds = 300;
  bool prepared = true;         // false: tasks are claimed and put straight back
  bool blocked_head = false;    // a follow-up message waits for its conversation's turn
  std::string shared_instance;  // INSTANCE_ID that somebody set for all processors
  std::string config;           // of the gateway, JSON

  static constexpr int kSlots = 10, kStreamLimit = 200;  // of a replica

  explicit ChatSystem(std::uint64_t seed);

  double now() const { return model_.now(); }
  std::deque<ModelReplica>& replicas(Service service) { return model_.fleet(service).replicas(); }

  // A replica whose heartbeats begin, and that works, so many seconds from now.
  void Start(Service service, int owner, int version, double beats_after, double works_after);
  // Ends it: a processor within `drain` seconds, an ingress replica after `deregister`.
  void End(Service service, int id, double drain, double deregister);
  void Kill(Service service, int id) { model_.Kill(service, id); }

  void Step();                        // one second
  void Write(redis::Pipeline& into);  // the state of now, as commands
  void ForgetWritten();               // Redis came back empty

 private:
  struct Process {
    std::string instance;
    int pid = 1;
    double beats_at = 0, next_beat = 0;
    int streams = 0;
    double streams_changed = 0;
  };
  using Processes = std::map<std::pair<Service, int>, Process>;

  void WriteQueue(redis::Pipeline& into);
  void WriteProcesses(redis::Pipeline& into);
  void WriteHeartbeat(Service service, const ModelReplica& replica, Process& process,
                      redis::Pipeline& into);
  std::string HeartbeatKey(Service service, const Process& process) const;
  std::string StreamsKey(const Process& process) const;
  void ExpireKeys(Service service, const Process& process);

  Dice dice_;
  ChatModel model_;
  Processes processes_;
  std::uint64_t job_ = 0, admitted_ = 0, processes_started_ = 0;
  std::vector<ModelTask> ended_;                    // since the last Write
  std::vector<std::string> added_, taken_, acked_;  // jobs, the same
  bool group_ = false;
  std::map<std::string, double> expires_;  // keys of processes that no longer write
};

}  // namespace chatscale
