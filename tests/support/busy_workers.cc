#include "tests/support/busy_workers.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace chatscale {
namespace {

constexpr char kPrefix[] = "acme:assist:kdcube:";

std::string Now() {
  return absl::StrFormat("%.3f", absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()));
}

}  // namespace

BusyWorkers::BusyWorkers(RedisServer& server) : server_(server) {
  Beat();
  thread_ = std::thread([this] {
    while (!stop_) {
      Beat();
      absl::SleepFor(absl::Milliseconds(500));
    }
  });
}

BusyWorkers::~BusyWorkers() {
  stop_ = true;
  thread_.join();
}

void BusyWorkers::SetLoad(int running, int streams, int waiting) {
  running_ = running;
  streams_ = streams;
  waiting_ = waiting;
}

void BusyWorkers::Beat() {
  for (const std::string service : {"rest", "proc"}) {
    for (const std::string instance : {"a", "b"}) {
      const std::string name = absl::StrCat(service, instance);
      const std::string key =
          absl::StrCat(kPrefix, "heartbeat:process:", name, ":chat:", service, ":1");
      server_.Run({"SET", key,
                   absl::StrFormat(
                       R"({"instance_id": "%s", "service_type": "chat", "service_name": "%s", )"
                       R"("process_id": 1, "port": 8000, "current_load": %d, "max_capacity": 5, )"
                       R"("last_heartbeat": %s, "health_status": "HEALTHY"})",
                       name, service, running_.load(), Now())});
      server_.Run({"ZADD", absl::StrCat(kPrefix, "system:capacity:process-index:chat:", service),
                   Now(), key});
      if (service != "rest") continue;
      server_.Run({"SET", absl::StrCat(kPrefix, "chat:sse:connections:", name, ":1"),
                   absl::StrFormat(R"({"count": %d, "sessions": %d, "max": 100, "ts": %s})",
                                   streams_.load(), streams_.load(), Now())});
    }
  }
  const std::string queue = absl::StrCat(kPrefix, "chat:prompt:queue:paid");
  server_.Run({"DEL", queue});
  for (int i = 0; i < waiting_; ++i) server_.Run({"RPUSH", queue, "{}"});
}

}  // namespace chatscale
