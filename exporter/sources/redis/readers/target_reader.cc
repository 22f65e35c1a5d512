#include "exporter/sources/redis/readers/target_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "exporter/sources/redis/readers/breaker_reader.h"

namespace chatscale::redis {

TargetReader::TargetReader(Target target, const ReaderOptions& options)
    : target_(std::move(target)),
      options_(options),
      keys_(target_),
      gateway_(options.fallback),
      processes_(keys_),
      history_(keys_),
      jobs_(keys_),
      windows_(keys_) {}

void TargetReader::AskFirst(double now, std::size_t page, Pipeline& pipeline) {
  now_ = now;
  faults_ = {};
  read_ = false;
  pipeline.Add({"GET", keys_.Config()});
  processes_.AskIndexes(gateway_->config, now, pipeline);
  AskQueues(keys_, pipeline);
  history_.AskNews(now, page, pipeline);
  history_.AskRequests(pipeline);
  jobs_.AskGroups(now, pipeline);
  windows_.AskRecords(now, pipeline);
}

void TargetReader::TakeFirst(TolerantParser& parser, ReplyStream& replies) {
  TakeConfig(replies.Next(faults_.other));
  processes_.TakeIndexes(replies, faults_);
  queues_ = TakeQueues(parser, replies, faults_);
  heads_.Observe(queues_, now_);
  history_.TakeNews(parser, replies, faults_);
  history_.TakeRequests(replies, faults_.other);
  jobs_.TakeGroups(replies, faults_.other);
  windows_.TakeRecords(replies, faults_.other);
}

void TargetReader::TakeConfig(ReplyView reply) {
  const auto text = reply.Text();
  if (options_.force_fallback || reply.IsError() || !text) {
    gateway_ = options_.fallback;
    return;
  }
  if (gateway_->config.source == "cache" && gateway_->text == *text) return;
  const auto json = ParseConfigJson(*text);
  if (!json.is_object() || json.empty()) {
    ++faults_.proc.malformed;  // whose capacity it says
    gateway_ = options_.fallback;
    return;
  }
  gateway_ = std::make_shared<const GatewayReading>(
      GatewayReading{ParseGatewayConfig(json, "cache"), std::string(*text)});
}

void TargetReader::AskSecond(Pipeline& pipeline) {
  processes_.AskProcesses(pipeline);
  jobs_.AskRest(pipeline);
  AskBreakers(keys_, gateway_->config, now_, pipeline);
}

void TargetReader::TakeSecond(TolerantParser& parser, ReplyStream& replies) {
  processes_.TakeProcesses(gateway_->config, now_, parser, replies, faults_);
  jobs_.TakeRest(replies, faults_.other);
  breakers_ = TakeBreakers(parser, replies, faults_.other);
  read_ = true;
}

void TargetReader::TakeHeads(TolerantParser& parser, ReplyStream& replies) {
  heads_.Take(queues_, parser, replies, faults_, queues_.next_task_created);
}

void TargetReader::TakeMore(TolerantParser& parser, ReplyStream& replies) {
  history_.TakeMore(parser, replies, faults_);
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
  state->processes = processes_.TakeOver();
  state->sse = processes_.sse();
  state->sse_coverage = processes_.sse_coverage();
  state->queues = queues_;
  state->oversized_tasks = heads_.oversized();
  state->breakers = breakers_;
  state->postgres_max_connections = postgres_max_connections;
  state->malformed = faults_.malformed();
  state->malformed.proc += gateway_->config.malformed_capacity;
  state->malformed.other += gateway_->config.malformed;
  history_.Fill(*state, scratch);
  jobs_.Fill(*state);
  windows_.Sample(*state);
  const bool elsewhere = std::ranges::any_of(state->processes, [](const Process& process) {
    return process.InFleet() && process.heartbeat.other_scheduler;
  });
  if (elsewhere) {  // the lists read empty, and say nothing
    state->queues = {};
    ++state->malformed.proc;
  }
  if (!state->processes.empty()) last_alive_ = now_;
  return state;
}

}  // namespace chatscale::redis
