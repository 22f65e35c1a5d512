#include "exporter/sources/redis/readers/process_reader.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "exporter/model/snapshot.h"
#include "exporter/sources/json/json_values.h"

namespace chatscale::redis {
namespace {

// A heartbeat key lives 30 s: what an index knows from before this can only be a leftover.
constexpr double kIndexSeconds = 600;
constexpr double kFutureSeconds = 86400;

std::string StreamOf(const ProcessName& name) {
  return absl::StrCat(name.instance_id, ":", name.process_id);
}

bool IsIngress(const ProcessName& name) {
  return name.service_type == kServiceType && name.service_name == ServiceName(Service::kIngress);
}

// What an unreadable heartbeat spoils. Of services that are neither, some may be the capacity.
ReplyFaults& FaultsOf(const ProcessName& name, TargetFaults& faults) {
  return IsIngress(name) ? faults.ingress : faults.proc;
}

}  // namespace

void ProcessReader::Observe(std::string_view key) {
  if (key.size() > kMostKeyBytes) return;
  if (keys_.ParseHeartbeat(key)) {
    if (heartbeats_.size() < kMostInstances) heartbeats_.emplace(key);
  } else if (auto stream = keys_.ParseSse(key)) {
    if (found_streams_.size() < kMostInstances) found_streams_.insert(*std::move(stream));
  }
}

void ProcessReader::AskIndexes(const GatewayConfig& config, double now, Pipeline& pipeline) {
  asked_indexes_ = {
      keys_.ProcessIndex(Service::kIngress), keys_.ProcessIndex(Service::kProc),
      keys_.ProcessIndex(config.proc.capacity_source_type, config.proc.capacity_source_name)};
  for (const std::string& index : asked_indexes_) {
    pipeline.Add({"ZREVRANGEBYSCORE", index, absl::StrFormat("%.6f", now + kFutureSeconds),
                  absl::StrFormat("%.6f", now - kIndexSeconds), "LIMIT", "0",
                  std::to_string(kMostInstances)});
  }
}

void ProcessReader::TakeIndexes(ReplyStream& replies, TargetFaults& faults) {
  const std::string of_ingress = keys_.ProcessIndex(Service::kIngress);
  for (const std::string& index : asked_indexes_) {
    ReplyFaults& spoiled = index == of_ingress ? faults.ingress : faults.proc;
    const ReplyView members = replies.Next(spoiled);
    for (std::size_t i = 0; i < members.size(); ++i) {
      const auto key = members[i].Text();
      if (!key) continue;
      if (key->size() > kMostKeyBytes) ++spoiled.malformed;
      Observe(*key);
    }
  }
}

void ProcessReader::AskProcesses(Pipeline& pipeline) {
  asked_heartbeats_.assign(heartbeats_.begin(), heartbeats_.end());
  asked_streams_ = found_streams_;
  for (const std::string& key : asked_heartbeats_) {
    pipeline.Add({"GET", key});
    const auto name = keys_.ParseHeartbeat(key);
    if (IsIngress(*name)) asked_streams_.insert(StreamOf(*name));
  }
  for (const auto& [stream, known] : sse_.processes()) asked_streams_.insert(stream);
  for (const std::string& stream : asked_streams_) pipeline.Add({"GET", keys_.SseOf(stream)});
}

void ProcessReader::TakeProcesses(const GatewayConfig& config, double now, TolerantParser& parser,
                                  ReplyStream& replies, TargetFaults& faults) {
  processes_.clear();
  heartbeat_keys_ = 0;
  std::set<std::string> alive;
  for (const std::string& key : asked_heartbeats_) {
    const auto name = keys_.ParseHeartbeat(key);
    ReplyFaults& spoiled = FaultsOf(*name, faults);
    const ReplyView reply = replies.Next(spoiled);
    if (reply.IsNil()) {
      heartbeats_.erase(key);
      continue;
    }
    ++heartbeat_keys_;
    if (reply.IsError()) continue;
    auto heartbeat = ParseHeartbeat(parser, reply.Text().value_or(""));
    if (!heartbeat) {
      ++spoiled.malformed;
      continue;
    }
    spoiled.malformed += heartbeat->malformed;
    faults.other.malformed += heartbeat->malformed_pools;
    processes_.push_back(Classify(*std::move(heartbeat), config, now));
    if (processes_.back().FromTheFuture()) ++spoiled.malformed;
    if (IsIngress(*name) && processes_.back().status != Status::kStale) {
      alive.insert(StreamOf(*name));
    }
  }
  TakeStreams(alive, config, now, parser, replies, faults.ingress);
}

void ProcessReader::TakeStreams(const std::set<std::string>& alive, const GatewayConfig& config,
                                double now, TolerantParser& parser, ReplyStream& replies,
                                ReplyFaults& faults) {
  const SseLimits limits{.max_age = config.sse_max_age_seconds,
                         .gone = config.heartbeat_timeout_seconds};
  for (const std::string& stream : asked_streams_) {
    const ReplyView reply = replies.Next(faults);
    std::optional<SseEntry> entry;
    if (reply.IsNil()) {
      found_streams_.erase(stream);
    } else if (!reply.IsError()) {
      entry = ParseSseEntry(parser, reply.Text().value_or(""));
      if (!entry) ++faults.malformed;
    }
    sse_.Observe(stream, entry, alive.contains(stream), now, limits);
  }
  sse_.EndCycle();
  MarkDraining();
}

// Ingress has no flag for it; see stream_watch.h.
void ProcessReader::MarkDraining() {
  for (Process& process : processes_) {
    const Heartbeat& heartbeat = process.heartbeat;
    if (!heartbeat.Is(Service::kIngress) || !process.InFleet() || !heartbeat.process_id) continue;
    if (sse_.Drains(absl::StrCat(heartbeat.instance_id, ":", *heartbeat.process_id))) {
      process.status = Status::kDraining;
    }
  }
}

}  // namespace chatscale::redis
