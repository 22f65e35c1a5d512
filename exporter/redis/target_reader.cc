#include "exporter/redis/target_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_format.h"
#include "exporter/model/error_kind.h"
#include "exporter/redis/breakers.h"

namespace chatscale::redis {
namespace {

// Heartbeats expire after 30 s: one this old is a leftover of a system that is gone.
constexpr double kLeftoverSeconds = 600, kDaySeconds = 86'400;

// True when the last hours have any record: samples, requests, refusals, streams or malformed keys.
bool Remembers(const TargetState& state) {
  const auto& hour = state.throttling.windows.back();
  const auto samples = [](const WindowPercentiles& windows) {
    return windows.back() && windows.back()->count > 0;
  };
  return samples(state.wait_ms) || samples(state.exec_ms) || samples(state.rest_ms) ||
         state.requests.back().value_or(0) > 0 || (hour && hour->total > 0) || state.sse ||
         state.malformed.Total() > 0;
}

}  // namespace

TargetReader::TargetReader(Target target, const ReaderOptions& options)
    : target_(std::move(target)),
      options_(options),
      keys_(target_),
      gateway_(options.fallback),
      processes_(keys_),
      latencies_(keys_),
      throttling_(keys_),
      requests_(keys_),
      jobs_(keys_),
      windows_(keys_) {}

void TargetReader::AddFirstCommands(double now, std::size_t page, Pipeline& pipeline) {
  now_ = now;
  faults_ = {};
  pipeline.Add({"GET", keys_.Config()});
  processes_.AddIndexCommands(gateway_->config, now, pipeline);
  AddQueueCommands(keys_, pipeline);
  latencies_.AddCommands(now, page, pipeline);
  throttling_.AddCommands(now, page, pipeline);
  requests_.AddCommands(now, pipeline);
  jobs_.AddGroupCommands(now, pipeline);
  windows_.AddRecordCommands(now, pipeline);
}

void TargetReader::ParseFirstReplies(TolerantParser& parser, ReplyStream& replies) {
  ParseConfigReply(replies.Next(faults_.other));
  processes_.ParseIndexReplies(replies, faults_);
  queues_ = ParseQueueReplies(parser, replies, faults_);
  heads_.Observe(queues_, now_);
  latencies_.ParseReplies(replies, faults_);
  throttling_.ParseReplies(parser, replies, faults_.other);
  requests_.ParseReplies(replies, faults_.other);
  jobs_.ParseGroupReplies(replies, faults_.other);
  windows_.ParseRecordReplies(replies, faults_.other);
}

void TargetReader::ParseConfigReply(ReplyView reply) {
  const auto text = reply.Text();
  if (options_.force_fallback || reply.IsError() || !text) {
    gateway_ = options_.fallback;
    return;
  }
  if (gateway_->config.source == "cache" && gateway_->text == *text) return;
  const auto json = ParseConfigJson(*text);
  if (!json.ok() || json->empty()) {
    ++faults_.proc.malformed;  // the configuration holds proc's capacity
    gateway_ = options_.fallback;
    return;
  }
  gateway_ = std::make_shared<const ParsedGateway>(
      ParsedGateway{ParseGatewayConfig(*json, "cache"), std::string(*text)});
}

void TargetReader::AddSecondCommands(Pipeline& pipeline) {
  processes_.AddProcessCommands(pipeline);
  jobs_.AddRemainingCommands(pipeline);
  AddBreakerCommands(keys_, gateway_->config, now_, pipeline);
}

void TargetReader::ParseSecondReplies(TolerantParser& parser, ReplyStream& replies) {
  processes_.ParseProcessReplies(gateway_->config, now_, parser, replies, faults_);
  jobs_.ParseRemainingReplies(replies, faults_.other);
  breakers_ = ParseBreakerReplies(parser, replies, faults_.other);
  read_ = true;
}

void TargetReader::ParseHeadReplies(TolerantParser& parser, ReplyStream& replies) {
  heads_.ParseReplies(queues_, parser, replies, faults_, queues_.next_task_created);
}

void TargetReader::ParseBackfillReplies(TolerantParser& parser, ReplyStream& replies) {
  latencies_.ParseReplies(replies, faults_);
  throttling_.ParseReplies(parser, replies, faults_.other);
}

absl::StatusOr<std::shared_ptr<const TargetState>> TargetReader::Finish(
    std::optional<std::int64_t> postgres_max_connections, std::vector<double>& scratch) {
  if (absl::Status status = faults_.status(); !status.ok()) return status;
  auto state = std::make_shared<TargetState>();
  state->target = target_;
  state->reader_instance = options_.instance_id;
  state->now = now_;
  state->gateway = gateway_;
  state->heartbeat_keys = processes_.heartbeat_keys();
  state->processes = processes_.TakeProcesses();
  state->sse = processes_.sse();
  state->sse_coverage = processes_.sse_coverage();
  state->queues = queues_;
  state->oversized_tasks = heads_.oversized();
  state->breakers = breakers_;
  state->postgres_max_connections = postgres_max_connections;
  state->malformed = faults_.malformed();
  state->malformed.proc += gateway_->config.malformed_capacity;
  state->malformed.other += gateway_->config.malformed;
  latencies_.Fill(*state, scratch);
  throttling_.Fill(*state);
  requests_.Fill(*state);
  jobs_.Fill(*state);
  windows_.Fill(*state);
  const bool elsewhere = std::ranges::any_of(state->processes, [](const Process& process) {
    return process.InFleet() && process.heartbeat.other_scheduler;
  });
  if (elsewhere) {  // the lists are empty and mean nothing
    state->queues = {};
    ++state->malformed.proc;
  }
  RecordHeartbeats(*state);
  if (Frozen(*state)) {
    return KindError(ErrorKind::kFrozen,
                     absl::StrFormat("no heartbeat in this Redis has changed for %.0f s: it is cut "
                                     "off, or a copy",
                                     now_ - changed_));
  }
  return state;
}

// Heartbeats are written every ten seconds and expire after thirty. When all of them stay
// unchanged, it is this Redis that is frozen, not the fleet. Leftovers are no evidence of that.
bool TargetReader::Frozen(const TargetState& state) {
  double beats = 0, youngest = kLeftoverSeconds;
  for (const Process& process : state.processes) {
    beats += process.heartbeat.last_heartbeat;
    youngest = std::min(youngest, process.age_seconds);
  }
  if (std::exchange(heartbeat_sum_, beats) != beats) {
    changed_ = now_;
    leftovers_only_ = youngest >= kLeftoverSeconds;
  }
  return !leftovers_only_ && now_ - changed_ > gateway_->config.heartbeat_timeout_seconds;
}

// A tenant without processes that still gets work is down, not removed.
void TargetReader::RecordHeartbeats(const TargetState& state) {
  alive_ = std::ranges::any_of(
      state.processes, [](const Process& process) { return process.status != Status::kStale; });
  const MaybeNumber before = std::exchange(admitted_, state.counts.admitted_tasks);
  const double left = std::exchange(tasks_left_, TotalOf(state.queues).value_or(0));
  const bool work = tasks_left_ > left || (before && admitted_ && *admitted_ > *before);
  if (alive_ || work) last_alive_ = now_;
  missing_ = last_alive_ <= 0 && tasks_left_ <= 0 && gateway_->config.source != "cache" &&
             !Remembers(state);
  leftovers_.clear();
  if (!missing_ || state.processes.empty()) return;
  double youngest = state.processes.front().age_seconds;
  for (const Process& process : state.processes) youngest = std::min(youngest, process.age_seconds);
  missing_ = youngest > kLeftoverSeconds;
  leftovers_ = absl::StrFormat("%d process%s, last seen %.0f %s ago", state.processes.size(),
                               state.processes.size() == 1 ? "" : "es",
                               youngest < kDaySeconds ? youngest / 60 : youngest / kDaySeconds,
                               youngest < kDaySeconds ? "minutes" : "days");
}

}  // namespace chatscale::redis
