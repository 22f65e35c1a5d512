#include "bench/redis_load.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "exporter/sources/redis/pipeline.h"

namespace chatscale {
namespace {

constexpr int kIngress = 4, kProc = 3;  // worker processes of one tenant

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

RedisLoad::RedisLoad() {
  char pattern[] = "/tmp/chatscale-bench-XXXXXX";
  folder_ = mkdtemp(pattern);
  socket_ = folder_ + "/redis.sock";
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (std::freopen("/dev/null", "w", stdout) == nullptr) _exit(1);
    execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_.c_str(), "--save",
           "", "--appendonly", "no", nullptr);
    _exit(1);
  }
  for (int i = 0; i < 500; ++i) {
    redisContext* context = redisConnectUnix(socket_.c_str());
    const bool up = context != nullptr && context->err == 0;
    redisFree(context);
    if (up) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::fprintf(stderr, "no redis-server: install the Debian package redis-server\n");
  std::exit(1);
}

RedisLoad::~RedisLoad() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  std::filesystem::remove_all(folder_);
}

void RedisLoad::Send(const std::string& commands, long count) {
  redisContext* context = redisConnectUnix(socket_.c_str());
  redisAppendFormattedCommand(context, commands.data(), commands.size());
  for (long i = 0; i < count; ++i) {
    void* reply = nullptr;
    if (redisGetReply(context, &reply) != REDIS_OK) std::exit(1);
    freeReplyObject(reply);
  }
  redisFree(context);
}

void RedisLoad::AddTenants(int tenants, double now) {
  redis::Pipeline pipeline;
  const std::string time = absl::StrFormat("%.3f", now);
  for (int t = 0; t < tenants; ++t) {
    const std::string prefix = absl::StrCat("t", t, ":p:kdcube:");
    for (int i = 0; i < kIngress + kProc; ++i) {
      const char* service = i < kIngress ? "rest" : "proc";
      const std::string instance = absl::StrCat(service, "-", i);
      const std::string key =
          absl::StrCat(prefix, "heartbeat:process:", instance, ":chat:", service, ":7");
      pipeline.Add({"SET", key, Heartbeat(instance, service, now)});
      pipeline.Add({"ZADD", absl::StrCat(prefix, "system:capacity:process-index:chat:", service),
                    time, key});
      if (i >= kIngress) continue;
      pipeline.Add(
          {"SET", absl::StrCat(prefix, "chat:sse:connections:", instance, ":7"),
           absl::StrFormat(R"({"count": 40, "sessions": 30, "max": 200, "ts": %s})", time)});
    }
    const std::string task = absl::StrFormat(R"({"meta": {"created_at": %s}})", time);
    pipeline.Add({"LPUSH", prefix + "chat:prompt:queue:registered", task, task, task});
  }
  Send(std::string(pipeline.bytes()), static_cast<long>(pipeline.size()));
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
