// One tenant that writes the worst into each kind of key, up to its bound and beyond, beside one
// that is well: the other's figures stay young, and we stay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/e2e/program.h"
#include "tests/support/busy_workers.h"
#include "tests/support/redis_server.h"

namespace chatscale {
namespace {

using testing::HasSubstr;

enum class Type { kString, kList, kHash, kSortedSet, kStream };

// Every kind of key that chatscale reads (docs/upstream.md), as a pattern of what follows the
// tenant's prefix. One that is not here fails the test, as soon as it is read.
struct Kind {
  const char* pattern;
  Type type;
  std::vector<const char*> names;  // that are written
};
const std::vector<Kind> kKinds = {
    {"heartbeat:process:.*", Type::kString, {"heartbeat:process:i:chat:proc:1"}},
    {"system:capacity:process-index:chat:(rest|proc)",
     Type::kSortedSet,
     {"system:capacity:process-index:chat:proc", "system:capacity:process-index:chat:rest"}},
    {"config:gateway:current", Type::kString, {"config:gateway:current"}},
    {"chat:prompt:queue:(inflight:)?[a-z]+",
     Type::kList,
     {"chat:prompt:queue:paid", "chat:prompt:queue:inflight:paid"}},
    {"chat:conversation:mailbox:count:[a-z]+",
     Type::kString,
     {"chat:conversation:mailbox:count:paid"}},
    {"chat:prompt:queue:analytics:[a-z]+", Type::kString, {"chat:prompt:queue:analytics:paid"}},
    {"chat:sse:connections:.*", Type::kString, {"chat:sse:connections:i:1"}},
    {"circuit_breaker:[a-z_]+:(state|stats|half_open_calls)",
     Type::kString,
     {"circuit_breaker:backpressure:state", "circuit_breaker:backpressure:stats",
      "circuit_breaker:backpressure:half_open_calls"}},
    {"circuit_breaker:[a-z_]+:window", Type::kSortedSet, {"circuit_breaker:backpressure:window"}},
    {"metrics:[a-z_:]+",
     Type::kSortedSet,
     {"metrics:task_exec_ms:proc", "metrics:task_queue_wait_ms:proc",
      "metrics:ingress_rest_ms:ingress", "metrics:queue_depth:proc", "metrics:queue_pressure:proc",
      "metrics:sse_connections:ingress", "metrics:pool_in_use:postgres:proc",
      "metrics:pool_utilization:proc:postgres"}},
    {"throttling:events", Type::kSortedSet, {"throttling:events"}},
    {"throttling:requests:hourly", Type::kHash, {"throttling:requests:hourly"}},
    {"system:capacity:counter", Type::kString, {"system:capacity:counter"}},
    {"background:jobs:[a-z]+", Type::kStream, {"background:jobs:paid"}},
};

// What is written in place of a value.
const std::map<std::string, std::string>& Texts() {
  static const auto* const texts = [] {
    std::string keys = "{";
    for (int i = 0; i < 90'000; ++i) absl::StrAppend(&keys, "\"k", i, "\":1,");
    return new std::map<std::string, std::string>{
        {"deep", std::string(50'000, '[') + std::string(50'000, ']')},
        {"bound", std::string(31, '[') + std::string(31, ']')},
        {"keys", keys + "\"k\":1}"},
        {"long", std::string((1 << 20) - 1, 'x')},
        {"absurd",
         R"({"count": 1e308, "max": 1e9, "ts": -1e308, "max_capacity": 1e9, "current_load": 1e9, )"
         R"("last_heartbeat": 1e308, "service_capacity": {"proc": )"
         R"({"concurrent_requests_per_process": 1e9, "processes_per_instance": 1e9}}, )"
         R"("meta": {"created_at": -1e308}, "reason": "r", "failure_count": -1})"},
        {"number", "1e308"},
        {"negative", "-9223372036854775808"},
        {"empty", ""},
    };
  }();
  return *texts;
}

class Isolation : public testing::Test {
 protected:
  // Made by Redis itself, in steps that do not hold it.
  void WriteMany(Type type, const std::string& key, const std::string& element) {
    static const std::map<Type, const char*> kWrites = {
        {Type::kList, "redis.call('RPUSH', KEYS[1], ARGV[1] .. i)"},
        {Type::kHash, "redis.call('HSET', KEYS[1], os.time() + i * 3600, ARGV[1] .. i)"},
        {Type::kSortedSet,
         "redis.call('ZADD', KEYS[1], ARGV[2] - 3000 * i / 200000, (ARGV[2] - i / 100) .. ':' .. "
         "ARGV[1] .. i)"},
        {Type::kStream, "redis.call('XADD', KEYS[1], '*', 'job_id', ARGV[1] .. i)"}};
    const auto write = kWrites.find(type);
    if (write == kWrites.end()) return;
    const int count = element.size() > 1'000 ? 50 : type == Type::kSortedSet ? 200'000 : 20'000;
    const std::string now = absl::StrCat(absl::ToUnixSeconds(absl::Now()));
    for (int done = 0; done < count; done += 10'000) {
      const int next = std::min(count, done + 10'000);
      redis_.Run({"EVAL",
                  absl::StrCat("for i = ", done + 1, ", ", next, " do ", write->second, " end"),
                  "1", key, element, now});
    }
  }

  void WriteWall(Type type, const std::string& key) {
    const char* write = type == Type::kSortedSet ? "redis.call('ZADD', KEYS[1], ARGV[1] - 30, i)"
                        : type == Type::kStream
                            ? "redis.call('XGROUP', 'CREATE', KEYS[1], i, '0', 'MKSTREAM')"
                            : nullptr;
    if (write == nullptr) return;
    const std::string now = absl::StrCat(absl::ToUnixSeconds(absl::Now()));
    for (int done = 0; done < 50'000; done += 10'000) {
      redis_.Run({"EVAL",
                  absl::StrCat("for i = ", done + 1, ", ", done + 10'000, " do ", write, " end"),
                  "1", key, now});
    }
  }

  // A step of SCAN would bring 90 MB.
  void WriteLongKeys() {
    redis_.Run({"EVAL",
                "for i = 1, 100 do redis.call('SET', 'evil:p:kdcube:heartbeat:process:' .. "
                "string.rep('x', 900000) .. ':chat:proc:' .. i, '{}') end",
                "0"});
  }

  // All but the streams of jobs: who has none is not asked again for a minute.
  void Clear() {
    redis_.Run({"EVAL",
                "for _, key in ipairs(redis.call('KEYS', 'evil*')) do "
                "if not key:find('jobs:registered') then redis.call('DEL', key) end end",
                "0"});
  }

  void WriteOne(Type type, const std::string& key, const std::string& value) {
    const std::string now = absl::StrCat(absl::ToUnixSeconds(absl::Now()));
    switch (type) {
      case Type::kString:
        redis_.Run({"SET", key, value});
        break;
      case Type::kList:
        redis_.Run({"RPUSH", key, value});
        break;
      case Type::kHash:
        redis_.Run({"HSET", key, now, value, value, now});
        break;
      case Type::kSortedSet:
        redis_.Run({"ZADD", key, now, value, "inf", value + "1", "-inf", value + "2"});
        break;
      case Type::kStream:
        redis_.Run({"XADD", key, "*", value, value});
        redis_.Run({"XGROUP", "CREATE", key, value, "0"});
        break;
    }
  }

  // One for each text, and for each way to be wrong.
  static std::vector<std::string> Tenants() {
    std::vector<std::string> tenants = {"evil-many", "evil-many-long", "evil-other-type",
                                        "evil-wall"};
    for (const auto& [what, text] : Texts()) tenants.push_back("evil-" + what);
    return tenants;
  }

  // A process of each service, and a stream of jobs, so that all keys are read.
  void WriteProcesses() {
    const std::string now = absl::StrCat(absl::ToUnixSeconds(absl::Now()));
    for (const std::string& tenant : Tenants()) {
      redis_.Run({"XADD", tenant + ":p:kdcube:background:jobs:registered", "*", "job_id", "1"});
      for (const std::string& service : {std::string("proc"), std::string("rest")}) {
        const std::string prefix = tenant + ":p:kdcube:";
        const std::string key = absl::StrCat(prefix, "heartbeat:process:i:chat:", service, ":1");
        redis_.Run({"SET", key,
                    absl::StrCat(R"({"instance_id": "i", "service_type": "chat", )",
                                 R"("service_name": ")", service, R"(", "process_id": 1, )",
                                 R"("current_load": 1, "max_capacity": 5, "last_heartbeat": )", now,
                                 "}")});
        redis_.Run({"ZADD", prefix + "system:capacity:process-index:chat:" + service, now, key});
      }
    }
  }

  void WriteWorst(const Kind& kind) {
    for (const char* name : kind.names) {
      const auto key = [&](const std::string& what) {
        const std::string full = absl::StrCat("evil-", what, ":p:kdcube:", name);
        if (kind.type != Type::kSortedSet) redis_.Run({"DEL", full});
        return full;
      };
      for (const auto& [what, text] : Texts()) WriteOne(kind.type, key(what), text);
      WriteMany(kind.type, key("many"), "1");
      WriteMany(kind.type, key("many-long"), std::string(100'000, 'x'));
      // Members of one score, and more groups of readers than replies may have elements.
      WriteWall(kind.type, key("wall"));
      const std::string other = key("other-type");
      redis_.Run({"DEL", other});
      WriteOne(kind.type == Type::kList ? Type::kString : Type::kList, other, "x");
    }
  }

  // Fields of all tenants that write such things.
  static double Malformed(const std::string& text) {
    static const std::regex line("chat_exporter_fields_malformed\\{tenant=\"evil[^}]*\\} ([0-9]+)");
    double all = 0;
    for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it) {
      all += std::stod((*it)[1]);
    }
    return all;
  }

  RedisServer redis_;
};

// Sanitizers make it slower.
#if defined(__SANITIZE_THREAD__)
constexpr double kInterval = 3;
#elif defined(__SANITIZE_ADDRESS__)
constexpr double kInterval = 2;
#else
constexpr double kInterval = 1;
#endif

TEST_F(Isolation, HostileTenantKeysDoNotAffectOtherTenants) {
  const BusyWorkers good(redis_);
  WriteProcesses();
  for (const Kind& kind : kKinds) WriteWorst(kind);  // before the start
  WriteLongKeys();
  Chatscale program =
      StartChatscale({{"METRICS_MODE", "redis"},
                      {"REDIS_URL", redis_.TcpUrl()},
                      {"METRICS_TARGETS", "discover"},
                      {"METRICS_COLLECT_INTERVAL_SEC", absl::StrCat(kInterval)},
                      {"METRICS_REQUEST_TIMEOUT_SEC", absl::StrCat(0.9 * kInterval)},
                      {"ASAN_OPTIONS", "quarantine_size_mb=1:thread_local_quarantine_size_kb=16"}});
  ASSERT_TRUE(program.listening()) << program.process().Err();
  const std::string labels = "{tenant=\"acme\",project=\"assist\",source=\"redis\"}";
  ASSERT_THAT(program.AwaitMetric("chat_exporter_up" + labels + " 1"),
              HasSubstr("chat_exporter_up" + labels + " 1"));
  Clear();
  WriteProcesses();
  for (const std::string& tenant : Tenants()) {
    const std::string named = "chat_exporter_up{tenant=\"" + tenant;
    ASSERT_THAT(program.AwaitMetric(named), HasSubstr(named)) << "it is read";
  }
  double oldest = 0, resident = 0;
  for (const Kind& kind : kKinds) {
    SCOPED_TRACE(kind.pattern);
    WriteProcesses();
    WriteWorst(kind);
    const absl::Time begun = absl::Now();
    double malformed = 0;
    const auto within = [begun](double intervals) {
      return absl::Now() < begun + absl::Seconds(intervals * kInterval);
    };
    while (within(2) || (malformed <= 0 && within(15))) {
      const std::string text = program.Metrics();
      const std::string age = ValueOf(text, "chat_exporter_snapshot_age_seconds" + labels);
      ASSERT_NE(age, "");
      oldest = std::max(oldest, std::stod(age));
      ASSERT_EQ(program.Ask("/-/healthy").status, 200);
      if (!within(1.2)) malformed = Malformed(text);
      const double bytes = std::stod(ValueOf(text, "process_resident_memory_bytes"));
      resident = std::max(resident, bytes / (1 << 20));
      absl::SleepFor(absl::Milliseconds(50));
    }
    EXPECT_GT(malformed, 0) << "it is read: " << program.process().Err();
    ASSERT_LE(oldest, 2 * kInterval) << program.process().Err();
    Clear();
  }
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
  EXPECT_LT(resident, 256);
#endif
  program.process().Signal(SIGTERM);
  EXPECT_EQ(program.process().Wait(absl::Seconds(20)), 0);
  std::cout << "the worst of " << kKinds.size() << " kinds of keys: oldest figures of the other "
            << oldest << " s, at most " << resident << " MiB\n";
}

// A key that is read and not in the table would be forgotten above.
TEST_F(Isolation, KeyKindTableCoversAllKeysRead) {
  const BusyWorkers good(redis_);
  std::set<std::string> kinds;
  for (const std::string& line : redis_.CommandsDuring([&] {
         const Chatscale program = StartChatscale({{"METRICS_MODE", "redis"},
                                                   {"REDIS_URL", redis_.TcpUrl()},
                                                   {"TENANT_ID", "acme"},
                                                   {"PROJECT_ID", "assist"},
                                                   {"METRICS_COLLECT_INTERVAL_SEC", "1"}});
         program.AwaitMetric("chat_exporter_up{tenant=\"acme\",project=\"assist\",source=");
         absl::SleepFor(absl::Seconds(2));
       })) {
    static const std::regex key("\"acme:assist:kdcube:([^\"]*)\"");
    for (std::sregex_iterator it(line.begin(), line.end(), key), end; it != end; ++it) {
      const std::string name = (*it)[1];
      const auto kind = std::ranges::find_if(kKinds, [&](const Kind& each) {
        return std::regex_match(name, std::regex(each.pattern));
      });
      if (line.find("\"SCAN\"") != line.npos) continue;
      EXPECT_NE(kind, kKinds.end()) << name << " is of no kind: " << line;
      if (kind != kKinds.end()) kinds.insert(kind->pattern);
    }
  }
  EXPECT_EQ(kinds.size(), kKinds.size()) << "and every kind is read";
}

}  // namespace
}  // namespace chatscale
