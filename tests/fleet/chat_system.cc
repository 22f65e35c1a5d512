#include "tests/fleet/chat_system.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace chatscale {
namespace {

constexpr double kClaimsPerSecond = 2.2;  // contract 11
constexpr double kBeatSeconds = 10;       // contract 2.1
constexpr double kHeartbeatKeySeconds = 30;
constexpr const char* kJobGroup = "kdcube-background-jobs.v1";

}  // namespace

Replica& ChatSystem::Start(Service service, int owner, int version, double beats_after,
                           double works_after) {
  Replica& replica = replicas.emplace_back();
  replica.service = service;
  replica.owner = owner;
  replica.version = version;
  const bool shared = service == Service::kProc && !shared_instance.empty();
  ++started_;
  replica.instance = shared ? shared_instance : absl::StrFormat("%08x", started_ * 2654435761U);
  replica.pid = shared ? static_cast<int>(started_) : 1;
  replica.beats_at = replica.next_beat = now + beats_after;
  replica.works_at = now + std::max(beats_after, works_after);
  return replica;
}

void ChatSystem::End(Replica& replica, double drain, double deregister) {
  replica.ends_by = now + drain;
  replica.stop_at = now + deregister;
}

void ChatSystem::Kill(Replica& replica) {
  for (const Replica::Running& task : replica.running) queue_.push_front(task.created);
  replica.running.clear();
  replica.gone = true;
}

int ChatSystem::Poisson(double mean) {
  int count = 0;
  for (double at = dice_.Exponential(1); at < mean; at += dice_.Exponential(1)) ++count;
  return count;
}

void ChatSystem::Step() {
  now += 1;
  Arrive();
  RunTasks();
  MoveStreams();
}

void ChatSystem::Arrive() {
  const int tasks = Poisson(tasks_per_second);
  queue_.insert(queue_.end(), static_cast<std::size_t>(tasks), now);
  admitted_ += static_cast<std::uint64_t>(tasks);
  for (int jobs = Poisson(jobs_per_second); jobs > 0; --jobs) {
    jobs_.push_back(absl::StrCat(++job_, "-1"));
    added_.push_back(jobs_.back());
  }
}

void ChatSystem::RunTasks() {
  for (Replica& replica : replicas) {
    if (replica.service != Service::kProc || replica.hung || replica.gone) continue;
    std::erase_if(replica.running, [&](const Replica::Running& task) {
      if (task.ends > now) return false;
      ended_.push_back({now, task.started - task.created, task.ends - task.started});
      if (!task.job.empty()) acked_.push_back(task.job);
      return true;
    });
    if (replica.draining() && (replica.running.empty() || now >= replica.ends_by)) Kill(replica);
  }
  // In turn, so that nobody takes all.
  bool took = true;
  for (Replica& replica : replicas)
    replica.claims = std::min(3.0, replica.claims + kClaimsPerSecond);
  while (took) {
    took = false;
    for (Replica& replica : replicas) {
      const bool free = static_cast<int>(replica.running.size()) < slots;
      if (replica.service != Service::kProc || !replica.Takes(now) || !free || !prepared) continue;
      if (replica.claims < 1) continue;
      if (!queue_.empty()) {
        replica.running.push_back({now + dice_.Exponential(task_seconds), queue_.front(), now, {}});
        queue_.pop_front();
      } else if (!jobs_.empty()) {
        replica.running.push_back({now + dice_.Exponential(job_seconds), now, now, jobs_.front()});
        taken_.push_back(jobs_.front());
        jobs_.pop_front();
      } else {
        continue;
      }
      replica.claims -= 1;
      took = true;
    }
  }
}

// Streams end by themselves or with their process; as many open as there are to be.
void ChatSystem::MoveStreams() {
  std::vector<Replica*> taking;
  double open = 0;
  for (Replica& replica : replicas) {
    if (replica.service != Service::kIngress || replica.gone) continue;
    int ended = std::min(replica.streams, Poisson(replica.streams / stream_seconds));
    if (replica.draining() && now >= replica.stop_at) {
      ended = replica.streams;
      replica.gone = true;
    }
    replica.streams -= ended;
    if (ended > 0) replica.streams_changed = now;
    open += replica.streams;
    if (replica.Takes(now)) taking.push_back(&replica);
  }
  for (; open < std::round(streams) && !taking.empty(); ++open) {
    Replica& replica =
        *taking[static_cast<std::size_t>(dice_.Uniform() * static_cast<double>(taking.size()))];
    ++replica.streams;
    replica.streams_changed = now;
  }
}

void ChatSystem::ForgetWritten() {
  group_ = false;
  expires_.clear();
  queue_.clear();
  for (Replica& replica : replicas) {
    if (replica.hung) replica.running.clear();
    while (replica.next_beat <= now) replica.next_beat += kBeatSeconds;
  }
  admitted_ = 0;
}

void ChatSystem::Write(redis::Pipeline& into) {
  if (!config.empty()) into.Add({"SET", Key("config:gateway:current"), config});
  WriteQueue(into);
  WriteReplicas(into);
  for (const auto& [key, at] : expires_) {
    if (at <= now) into.Add({"DEL", key});
  }
  std::erase_if(expires_, [&](const auto& expiring) { return expiring.second <= now; });
  std::erase_if(replicas, [](const Replica& replica) { return replica.gone; });
}

void ChatSystem::WriteQueue(redis::Pipeline& into) {
  const std::string ready = Key("chat:prompt:queue:registered");
  const std::string claimed = Key("chat:prompt:queue:inflight:registered");
  into.Add({"DEL", ready, claimed});
  // The head is at the right.
  const std::size_t waiting = queue_.size() + (blocked_head ? 1 : 0);
  for (std::size_t i = 1; i < waiting; ++i) into.Add({"RPUSH", ready, "{}"});
  if (waiting > 0) {
    const double created = blocked_head ? now - 120 : queue_.front();
    into.Add({"RPUSH", ready, absl::StrFormat(R"({"meta": {"created_at": %.3f}})", created)});
  }
  for (const Replica& replica : replicas) {
    for (const Replica::Running& task : replica.running) {
      if (task.job.empty()) into.Add({"RPUSH", claimed, "{}"});
    }
  }
  std::size_t sample = 0;
  for (const Ended& task : ended_) {
    const std::string at =
        absl::StrFormat("%.4f", task.at - 0.0001 * static_cast<double>(++sample));
    into.Add({"ZADD", Key("metrics:task_queue_wait_ms:proc"), at,
              absl::StrFormat("%s:%.0f", at, task.wait * 1000)});
    into.Add({"ZADD", Key("metrics:task_exec_ms:proc"), at,
              absl::StrFormat("%s:%.0f", at, task.exec * 1000)});
  }
  ended_.clear();
  into.Add({"SET", Key("system:capacity:counter"), absl::StrCat(admitted_)});
  const std::string jobs = Key("background:jobs:registered");
  if (!group_) into.Add({"XGROUP", "CREATE", jobs, kJobGroup, "0-0", "MKSTREAM"});
  group_ = true;
  for (const std::string& id : added_) into.Add({"XADD", jobs, id, "job_id", id});
  if (!taken_.empty()) {
    into.Add({"XREADGROUP", "GROUP", kJobGroup, "c", "COUNT", absl::StrCat(taken_.size()),
              "STREAMS", jobs, ">"});
  }
  for (const std::string& id : acked_) into.Add({"XACK", jobs, kJobGroup, id});
  added_.clear();
  taken_.clear();
  acked_.clear();
}

void ChatSystem::WriteReplicas(redis::Pipeline& into) {
  for (Replica& replica : replicas) {
    const char* name = replica.service == Service::kIngress ? "rest" : "proc";
    const std::string process = absl::StrCat(replica.instance, ":chat:", name, ":", replica.pid);
    const std::string key = Key(absl::StrCat("heartbeat:process:", process));
    const std::string index = Key(absl::StrCat("system:capacity:process-index:chat:", name));
    const std::string sse =
        Key(absl::StrCat("chat:sse:connections:", replica.instance, ":", replica.pid));
    if (replica.gone || replica.hung) {
      expires_.try_emplace(key, replica.next_beat - kBeatSeconds + kHeartbeatKeySeconds);
      expires_.try_emplace(sse, now + 2 * kHeartbeatKeySeconds);
      continue;
    }
    if (now < replica.beats_at) continue;
    // Written when a stream opens or closes, and gone a minute later.
    if (replica.service == Service::kIngress) {
      into.Add({"SET", sse,
                absl::StrFormat(R"({"count": %d, "sessions": %d, "max": %d, "ts": %.3f})",
                                replica.streams, replica.streams, stream_limit,
                                std::max(replica.streams_changed, replica.beats_at))});
    }
    if (now < replica.next_beat) continue;
    const double beat = replica.next_beat;
    const bool proc = replica.service == Service::kProc;
    const std::string metadata =
        proc ? absl::StrFormat(R"({"processor": {"current_load": %d, "draining": %s, )"
                               R"("accepting_new_tasks": %s}})",
                               replica.running.size(), replica.draining() ? "true" : "false",
                               replica.draining() ? "false" : "true")
             : "{}";
    into.Add({"SET", key,
              absl::StrFormat(
                  R"({"instance_id": "%s", "service_type": "chat", "service_name": "%s", )"
                  R"("process_id": %d, "port": 8010, "current_load": %d, "max_capacity": %d, )"
                  R"("last_heartbeat": %.3f, "health_status": "ServiceHealth.HEALTHY", )"
                  R"("metadata": %s})",
                  replica.instance, name, replica.pid, replica.running.size(), proc ? slots : 0,
                  beat, metadata)});
    into.Add({"ZADD", index, absl::StrFormat("%.3f", beat), key});
    // Later than the first each beats at its own time.
    replica.next_beat = beat + kBeatSeconds * (beat == replica.beats_at ? dice_.Uniform() : 1);
  }
}

}  // namespace chatscale
