// The watched chat system, second by second, and what it writes into Redis (contract 2, 10, 11):
// processors that take tasks and background jobs, ingress processes that hold streams, heartbeats
// every 10 s, each process at its own time, that stay for 30 s after their process has gone.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "exporter/model/target.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/sources/demo_fleet.h"

namespace chatscale {

struct Replica {
  Service service = Service::kProc;
  int owner = 0;  // the scheduler that started it
  int version = 0;
  std::string instance;
  int pid = 1;
  double beats_at = 0;  // first heartbeat
  double next_beat = 0;
  double works_at = 0;  // first task or stream
  double ends_by = 0;   // draining until then at most; 0: it stays
  double stop_at = 0;   // of ingress: cut off from its load balancer
  bool hung = false;    // no heartbeat, and its tasks stay claimed
  bool gone = false;

  struct Running {
    double ends, created, started;
    std::string job;  // id of a background job; empty: a chat task
  };
  std::vector<Running> running;
  double claims = 0;  // that it may make; see kClaimsPerSecond
  int streams = 0;
  double streams_changed = 0;

  bool draining() const { return ends_by > 0; }
  bool Takes(double now) const { return now >= works_at && !draining() && !hung && !gone; }
};

class ChatSystem {
 public:
  // Demand and behaviour; may change at any time.
  double tasks_per_second = 1.6, task_seconds = 30;  // exponential
  double jobs_per_second = 0, job_seconds = 60;
  double streams = 900, stream_seconds = 300;
  int slots = 10, stream_limit = 200;
  bool prepared = true;         // false: tasks are claimed and put straight back
  bool blocked_head = false;    // a follow-up message waits for its conversation's turn
  std::string shared_instance;  // INSTANCE_ID that somebody set for all processors
  std::string config;           // of the gateway, JSON

  explicit ChatSystem(std::uint64_t seed) : dice_(seed) {}

  // A replica that beats and works so many seconds from now.
  Replica& Start(Service service, int owner, int version, double beats_after, double works_after);
  // Ends it: within `drain` seconds, an ingress not before `deregister` seconds have passed.
  void End(Replica& replica, double drain, double deregister);
  void Kill(Replica& replica);

  void Step();                        // one second
  void Write(redis::Pipeline& into);  // the state of now, as commands
  void ForgetWritten();               // Redis came back empty

  double now = 1'800'000'000;
  std::deque<Replica> replicas;

 private:
  int Poisson(double mean);
  void Arrive();
  void RunTasks();
  void MoveStreams();
  void WriteQueue(redis::Pipeline& into);
  void WriteReplicas(redis::Pipeline& into);
  std::string Key(const std::string& name) const { return "acme:assist:kdcube:" + name; }

  struct Ended {
    double at, wait, exec;
  };
  Dice dice_;
  std::deque<double> queue_;  // when they were created
  std::deque<std::string> jobs_;
  std::uint64_t job_ = 0, admitted_ = 0, started_ = 0;
  std::vector<Ended> ended_;                        // since the last Write
  std::vector<std::string> added_, taken_, acked_;  // jobs, the same
  bool group_ = false;
  std::map<std::string, double> expires_;  // keys of those that no longer write
};

}  // namespace chatscale
