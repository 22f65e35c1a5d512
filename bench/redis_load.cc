#include "bench/redis_load.h"

#include <hiredis/hiredis.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "exporter/redis/wire/connection.h"

namespace chatscale {
namespace {

std::string Heartbeat(const std::string& instance, const char* service, double now) {
  return absl::StrFormat(
      R"({"instance_id": "%s", "service_type": "chat", "service_name": "%s", "process_id": 7, )"
      R"("port": 8000, "current_load": 3, "max_capacity": 8, "last_heartbeat": %.3f, )"
      R"("health_status": "ServiceHealth.HEALTHY", "metadata": {"pools": {"postgres": )"
      R"({"min_size": 0, "max_size": 8, "size": 5, "available": 2, "in_use": 3}, "redis": )"
      R"({"async": {"max_connections": 40, "in_use": 5, "available": 9, "total": 14}, )"
      R"("async_decode": null, "sync": null}}}})",
      instance, service, now);
}

}  // namespace

RedisLoad::RedisLoad(TenantShape shape) : shape_(std::move(shape)) {
  Require("redis-server", "redis-server");
  char pattern[] = "/tmp/chatscale-bench-XXXXXX";
  folder_ = mkdtemp(pattern);
  socket_ = folder_ + "/redis.sock";
  server_.emplace(std::vector<std::string>{"redis-server", "--port", "0", "--unixsocket", socket_,
                                           "--save", "", "--appendonly", "no"});
  for (int i = 0; i < 500; ++i) {
    context_ = redisConnectUnix(socket_.c_str());
    if (context_ != nullptr && context_->err == 0) return;
    redisFree(context_);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::fprintf(stderr, "redis-server does not start\n");
  std::exit(1);
}

RedisLoad::~RedisLoad() {
  redisFree(context_);
  server_.reset();
  std::filesystem::remove_all(folder_);
}

void RedisLoad::Send(const std::string& commands, long count) {
  redisAppendFormattedCommand(context_, commands.data(), commands.size());
  own_bytes_ += static_cast<double>(commands.size());
  for (long i = 0; i < count; ++i) {
    redisReply* reply = nullptr;
    if (redisGetReply(context_, reinterpret_cast<void**>(&reply)) != REDIS_OK) std::exit(1);
    own_bytes_ += 3 + (reply->type == REDIS_REPLY_STATUS
                           ? static_cast<double>(reply->len)
                           : static_cast<double>(absl::StrCat(reply->integer).size()));
    freeReplyObject(reply);
  }
}

double RedisLoad::BytesOfOthers() {
  constexpr std::string_view kInfo = "*2\r\n$4\r\nINFO\r\n$5\r\nstats\r\n";
  redisAppendFormattedCommand(context_, kInfo.data(), kInfo.size());
  redisReply* reply = nullptr;
  if (redisGetReply(context_, reinterpret_cast<void**>(&reply)) != REDIS_OK) std::exit(1);
  const std::string text(reply->str, reply->len);
  freeReplyObject(reply);
  const auto field = [&](std::string_view name) {
    return std::strtod(text.c_str() + text.find(name) + name.size(), nullptr);
  };
  own_bytes_ += static_cast<double>(kInfo.size());
  const double others =
      field("total_net_input_bytes:") + field("total_net_output_bytes:") - own_bytes_;
  // What it says of itself it has not sent yet.
  own_bytes_ +=
      static_cast<double>(text.size() + absl::StrCat("$", text.size(), "\r\n\r\n").size());
  return others;
}

void RedisLoad::AddTenants(int tenants, double now) {
  Beat(tenants, now);
  redis::Pipeline pipeline;
  const std::string task = absl::StrFormat(R"({"meta": {"created_at": %.3f}})", now);
  for (int t = 0; t < tenants; ++t) {
    const std::string prefix = absl::StrCat("t", t, ":p:kdcube:");
    pipeline.Add({"LPUSH", prefix + "chat:prompt:queue:registered", task, task, task});
    if (!shape_.gateway_config.empty()) {
      pipeline.Add({"SET", prefix + "config:gateway:current", shape_.gateway_config});
    }
  }
  Send(std::string(pipeline.bytes()), static_cast<long>(pipeline.size()));
}

void RedisLoad::Beat(int tenants, double now) {
  const std::string time = absl::StrFormat("%.3f", now);
  for (int t = 0; t < tenants; ++t) {
    redis::Pipeline pipeline;
    const std::string prefix = absl::StrCat("t", t, ":p:kdcube:");
    for (int i = 0; i < shape_.ingress + shape_.proc; ++i) {
      const char* service = i < shape_.ingress ? "rest" : "proc";
      const std::string instance = absl::StrCat(service, "-", i);
      const std::string key =
          absl::StrCat(prefix, "heartbeat:process:", instance, ":chat:", service, ":7");
      pipeline.Add({"SET", key, Heartbeat(instance, service, now)});
      pipeline.Add({"ZADD", absl::StrCat(prefix, "system:capacity:process-index:chat:", service),
                    time, key});
      if (i >= shape_.ingress) continue;
      pipeline.Add(
          {"SET", absl::StrCat(prefix, "chat:sse:connections:", instance, ":7"),
           absl::StrFormat(R"({"count": 40, "sessions": 30, "max": 200, "ts": %s})", time)});
    }
    Send(std::string(pipeline.bytes()), static_cast<long>(pipeline.size()));
  }
}

void RedisLoad::AddTasks(int tenants, double per_second, double from, double to) {
  redis::Pipeline pipeline;
  const long tasks = static_cast<long>(per_second * (to - from));
  for (long i = 0; i < tasks; ++i) {
    const std::string prefix = absl::StrCat("t", i % tenants, ":p:kdcube:metrics:");
    const double at = from + static_cast<double>(i) / per_second;
    const std::string time = absl::StrFormat("%.6f", at);
    const std::string member = absl::StrCat(time, ":", (++serial_ * 37) % 30000, ".0");
    for (const char* name :
         {"task_exec_ms:proc", "task_queue_wait_ms:proc", "ingress_rest_ms:ingress"}) {
      pipeline.Add({"ZADD", prefix + name, time, member});
    }
    if (pipeline.size() < 30'000 && i + 1 < tasks) continue;
    Send(std::string(pipeline.bytes()), static_cast<long>(pipeline.size()));
    pipeline = {};
  }
}

}  // namespace chatscale
