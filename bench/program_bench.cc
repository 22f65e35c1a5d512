// What the whole program costs beside Redis, as it is run: `chatscale serve`, live heartbeats, the
// gateway's configuration, an hour of samples, a cycle and a scrape every 15 s. Beside it the
// upstream's own service, as measured on a like machine (decision 15): CPU of its
// process for one poll, bytes from and to Redis, resident memory.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/time/clock.h"
#include "bench/child.h"
#include "bench/redis_load.h"
#include "exporter/http/http_client.h"
#include "tests/support/free_port.h"

namespace chatscale {
namespace {

constexpr int kIntervalSeconds = 15;
constexpr int kCycles = 4;

struct Reference {
  double cpu_ms = 0, kilobytes = 0, resident_mb = 0;
};

struct Case {
  const char* name;
  int tenants, ingress, proc;
  double tasks_per_second;
  Reference reference;  // 0: none was measured
};

constexpr Case kCases[] = {
    {"small", 1, 1, 1, 0.02, {}},
    {"steady", 1, 4, 3, 0.4, {47, 367.4 + 23.3, 79 * 1.048576}},
    {"large", 1, 80, 80, 20, {666, 9120.7 + 82.1, 89 * 1.048576}},
    {"1000 tenants", 1000, 4, 3, 20, {}},
};

double Now() { return absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()); }

std::string GatewayConfig() {
  std::ifstream file(CHATSCALE_FIXTURES "/scenarios/steady/env.json");
  return nlohmann::json::parse(file)["GATEWAY_CONFIG_JSON"].dump();
}

// Time passes while the tenants live: heartbeats every 10 s, tasks every second.
void Live(const Case& c, RedisLoad& load, int seconds) {
  for (int second = 0; second < seconds; ++second) {
    const double start = Now();
    if (second % 10 == 0) load.Beat(c.tenants, start);
    load.AddTasks(c.tenants, c.tasks_per_second, start - 1, start);
    absl::SleepFor(absl::Seconds(start + 1 - Now()));
  }
}

// One scrape: bytes of text, or 0 when a tenant is missing from it.
std::size_t Scrape(HttpClient& client, const std::string& url, int tenants) {
  const auto answer = client.Get(url, {}, absl::Seconds(5));
  if (!answer.ok()) return 0;
  int found = 0;
  constexpr std::string_view kSeries = "\nchat_ingress_sse_connections{";
  for (std::size_t at = 0; (at = answer->body.find(kSeries, at)) != std::string::npos; ++at)
    ++found;
  return found == tenants ? answer->body.size() : 0;
}

void Ratio(double theirs, double ours) {
  if (theirs > 0) {
    std::printf(" (1/%.0f)", theirs / ours);
  } else {
    std::printf("        ");
  }
}

bool Measure(const Case& c) {
  RedisLoad load({c.ingress, c.proc, GatewayConfig()});
  load.AddTenants(c.tenants, Now());
  load.AddTasks(c.tenants, c.tasks_per_second, Now() - 3600, Now());
  std::string targets;
  for (int t = 0; t < c.tenants; ++t) {
    targets += std::string(t == 0 ? "[" : ",") + R"({"tenant":"t)" + std::to_string(t) +
               R"(","project":"p"})";
  }
  const int port = FreePort();
  const Child program({CHATSCALE_PROGRAM, "serve"},
                      {"METRICS_MODE=redis", "REDIS_URL=" + load.Url(),
                       "METRICS_LISTEN_ADDRESS=127.0.0.1:" + std::to_string(port),
                       "METRICS_TARGETS_JSON=" + targets + "]", "METRICS_LOG_LEVEL=error"});
  Live(c, load, kIntervalSeconds + 5);
  HttpClient client({.max_body_bytes = std::size_t{256} << 20});
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/metrics";
  if (Scrape(client, url, c.tenants) == 0) {
    std::fprintf(stderr, "%s: not every tenant is there\n", c.name);
    return false;
  }
  const double cpu = program.CpuMs(), bytes = load.BytesOfOthers();
  std::size_t scraped = 0;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    Live(c, load, kIntervalSeconds);
    scraped = Scrape(client, url, c.tenants);
    if (scraped == 0) return false;
  }
  const double cpu_ms = (program.CpuMs() - cpu) / kCycles;
  const double kilobytes = (load.BytesOfOthers() - bytes) / kCycles / 1e3;
  std::printf("%-13s %8.2f", c.name, cpu_ms);
  Ratio(c.reference.cpu_ms, cpu_ms);
  std::printf(" %9.1f", kilobytes);
  Ratio(c.reference.kilobytes, kilobytes);
  std::printf(" %7.1f", program.ResidentMb());
  Ratio(c.reference.resident_mb, program.ResidentMb());
  std::printf(" %7.1f %7.1f %9.1f\n", program.PrivateMb(), program.PeakMb(),
              static_cast<double>(scraped) / 1e3);
  std::fflush(stdout);
  return true;
}

}  // namespace
}  // namespace chatscale

// With an argument: only the cases whose names contain it.
int main(int argc, char** argv) {
  std::printf(
      "per cycle, the scrape included; in brackets the share of what the upstream takes;\n"
      "own: without the pages of program and libraries, which processes share\n"
      "%-13s %8s         %9s         %7s         %7s %7s %9s\n",
      "", "CPU ms", "Redis kB", "RSS MB", "own MB", "peak MB", "text kB");
  for (const chatscale::Case& c : chatscale::kCases) {
    if (argc > 1 && std::string(c.name).find(argv[1]) == std::string::npos) continue;
    if (!chatscale::Measure(c)) return 1;
  }
}
