#include "tests/fleet/chat_system.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace chatscale {
namespace {

constexpr double kStart = 1'800'000'000;
constexpr double kClaimsPerSecond = 2.2;
constexpr double kBeatSeconds = 10;
constexpr double kHeartbeatKeySeconds = 30;
constexpr const char* kJobGroup = "kdcube-background-jobs.v1";

std::string Key(const std::string& name) { return "acme:assist:kdcube:" + name; }

const char* ProcessName(Service service) { return service == Service::kIngress ? "rest" : "proc"; }

}  // namespace

ChatSystem::ChatSystem(std::uint64_t seed)
    : dice_(seed),
      model_({.streams_per_replica = kStreamLimit,
              .slots_per_replica = kSlots,
              .claims_per_second = kClaimsPerSecond,
              .started =
                  [this](const ModelTask& task) {
                    if (!task.job.empty()) taken_.push_back(task.job);
                  },
              .ended =
                  [this](const ModelTask& task) {
                    ended_.push_back(task);
                    if (!task.job.empty()) acked_.push_back(task.job);
                  }},
             kStart) {}

void ChatSystem::Start(Service service, int owner, int version, double beats_after,
                       double works_after) {
  ModelReplica& replica = model_.Start(service, std::max(beats_after, works_after));
  replica.owner = owner;
  replica.version = version;
  const bool shared = service == Service::kProc && !shared_instance.empty();
  Process& process = processes_[{service, replica.id}];
  ++processes_started_;
  process.instance =
      shared ? shared_instance : absl::StrFormat("%08x", processes_started_ * 2654435761U);
  process.pid = shared ? static_cast<int>(processes_started_) : 1;
  process.beats_at = process.next_beat = now() + beats_after;
}

void ChatSystem::End(Service service, int id, double drain, double deregister) {
  ModelReplica& replica = *model_.fleet(service).Find(id);
  if (service == Service::kIngress) {
    model_.Drain(service, replica, deregister, deregister);
  } else {
    model_.Drain(service, replica, 0, drain);
  }
}

void ChatSystem::Step() {
  model_.claiming = prepared;
  model_.AdvanceTo(now() + 1);
  const int tasks = dice_.Poisson(tasks_per_second);
  admitted_ += static_cast<std::uint64_t>(tasks);
  for (int i = 0; i < tasks; ++i) model_.Submit({.seconds = dice_.Exponential(task_seconds)});
  for (int jobs = dice_.Poisson(jobs_per_second); jobs > 0; --jobs) {
    added_.push_back(absl::StrCat(++job_, "-1"));
    model_.Submit({.seconds = dice_.Exponential(job_seconds), .job = added_.back()});
  }
  // As many streams as there are to be, where there is room.
  const double wanted = std::round(streams);
  for (double open = model_.fleet(Service::kIngress).Load(); open < wanted; ++open) {
    if (!model_.OpenStream(dice_.Exponential(stream_seconds))) break;
  }
}

void ChatSystem::ForgetWritten() {
  group_ = false;
  expires_.clear();
  model_.LoseQueue();
  for (auto& [key, process] : processes_) {
    while (process.next_beat <= now()) process.next_beat += kBeatSeconds;
  }
  admitted_ = 0;
}

void ChatSystem::Write(redis::Pipeline& into) {
  if (!config.empty()) into.Add({"SET", Key("config:gateway:current"), config});
  WriteQueue(into);
  WriteProcesses(into);
  for (const auto& [key, at] : expires_) {
    if (at <= now()) into.Add({"DEL", key});
  }
  std::erase_if(expires_, [&](const auto& expiring) { return expiring.second <= now(); });
}

void ChatSystem::WriteQueue(redis::Pipeline& into) {
  const std::string ready = Key("chat:prompt:queue:registered");
  const std::string claimed = Key("chat:prompt:queue:inflight:registered");
  into.Add({"DEL", ready, claimed});
  // The head is at the right.
  const std::size_t waiting = model_.waiting().size() + (blocked_head ? 1 : 0);
  for (std::size_t i = 1; i < waiting; ++i) into.Add({"RPUSH", ready, "{}"});
  if (waiting > 0) {
    const double created = blocked_head ? now() - 120 : model_.waiting().front().created;
    into.Add({"RPUSH", ready, absl::StrFormat(R"({"meta": {"created_at": %.3f}})", created)});
  }
  model_.EachRunning([&](const ModelTask& task) {
    if (task.job.empty()) into.Add({"RPUSH", claimed, "{}"});
  });
  std::size_t sample = 0;
  for (const ModelTask& task : ended_) {
    const double ended = task.started + task.seconds;
    const std::string at = absl::StrFormat("%.4f", ended - 0.0001 * static_cast<double>(++sample));
    const double wait = task.job.empty() ? task.started - task.created : 0;
    into.Add({"ZADD", Key("metrics:task_queue_wait_ms:proc"), at,
              absl::StrFormat("%s:%.0f", at, wait * 1000)});
    into.Add({"ZADD", Key("metrics:task_exec_ms:proc"), at,
              absl::StrFormat("%s:%.0f", at, task.seconds * 1000)});
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

std::string ChatSystem::HeartbeatKey(Service service, const Process& process) const {
  return Key(absl::StrCat("heartbeat:process:", process.instance, ":chat:", ProcessName(service),
                          ":", process.pid));
}

std::string ChatSystem::StreamsKey(const Process& process) const {
  return Key(absl::StrCat("chat:sse:connections:", process.instance, ":", process.pid));
}

void ChatSystem::ExpireKeys(Service service, const Process& process) {
  expires_.try_emplace(HeartbeatKey(service, process),
                       process.next_beat - kBeatSeconds + kHeartbeatKeySeconds);
  if (service == Service::kIngress) {
    expires_.try_emplace(StreamsKey(process), now() + 2 * kHeartbeatKeySeconds);
  }
}

void ChatSystem::WriteProcesses(redis::Pipeline& into) {
  for (auto entry = processes_.begin(); entry != processes_.end();) {
    const auto [service, id] = entry->first;
    Process& process = entry->second;
    const ModelReplica* replica = model_.fleet(service).Find(id);
    if (replica == nullptr || replica->hung) ExpireKeys(service, process);
    if (replica == nullptr) {
      entry = processes_.erase(entry);
      continue;
    }
    ++entry;
    if (replica->hung || now() < process.beats_at) continue;
    // Written when a stream opens or closes, and kept for a minute.
    if (service == Service::kIngress) {
      if (replica->load != std::exchange(process.streams, replica->load)) {
        process.streams_changed = now();
      }
      into.Add({"SET", StreamsKey(process),
                absl::StrFormat(R"({"count": %d, "sessions": %d, "max": %d, "ts": %.3f})",
                                replica->load, replica->load, kStreamLimit,
                                std::max(process.streams_changed, process.beats_at))});
    }
    if (now() >= process.next_beat) WriteHeartbeat(service, *replica, process, into);
  }
}

void ChatSystem::WriteHeartbeat(Service service, const ModelReplica& replica, Process& process,
                                redis::Pipeline& into) {
  const double beat = process.next_beat;
  const bool proc = service == Service::kProc;
  const std::string key = HeartbeatKey(service, process);
  const std::string metadata =
      proc ? absl::StrFormat(R"({"processor": {"current_load": %d, "draining": %s, )"
                             R"("accepting_new_tasks": %s}})",
                             replica.load, replica.draining ? "true" : "false",
                             replica.draining ? "false" : "true")
           : "{}";
  into.Add(
      {"SET", key,
       absl::StrFormat(R"({"instance_id": "%s", "service_type": "chat", "service_name": "%s", )"
                       R"("process_id": %d, "port": 8010, "current_load": %d, "max_capacity": %d, )"
                       R"("last_heartbeat": %.3f, "health_status": "ServiceHealth.HEALTHY", )"
                       R"("metadata": %s})",
                       process.instance, ProcessName(service), process.pid, proc ? replica.load : 0,
                       proc ? kSlots : 0, beat, metadata)});
  into.Add({"ZADD", Key(absl::StrCat("system:capacity:process-index:chat:", ProcessName(service))),
            absl::StrFormat("%.3f", beat), key});
  // Later than the first each beats at its own time.
  process.next_beat = beat + kBeatSeconds * (beat == process.beats_at ? dice_.Uniform() : 1);
}

}  // namespace chatscale
