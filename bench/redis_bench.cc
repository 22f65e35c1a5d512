// What one collection from Redis costs, once the last hour has been read in: wall time, our CPU,
// commands, bytes, memory; by tenants and by tasks per second (of all tenants together).
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <vector>

#include "absl/time/time.h"
#include "bench/redis_load.h"
#include "exporter/redis/redis_source.h"

namespace chatscale {
namespace {

constexpr double kNow = 1'800'000'000.25;
constexpr double kIntervalSeconds = 15;
constexpr int kCycles = 20;

double CpuMs() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double ResidentMb() {
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

struct Cost {
  double wall_ms = 0, cpu_ms = 0;
};

Cost Collect(RedisSource& source, double now) {
  const double cpu = CpuMs();
  const auto samples = source.Collect(absl::UnixEpoch() + absl::Seconds(now), absl::Seconds(60));
  for (const TargetSample& sample : samples) {
    if (!sample.parts[0].snapshot.ok()) std::exit(1);
  }
  return {absl::ToDoubleMilliseconds(samples[0].parts[0].duration), CpuMs() - cpu};
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + kCycles / 2, values.end());
  return values[kCycles / 2];
}

// In a process of its own, so that the memory is that of this case alone.
void Measure(int tenants, double tasks_per_second) {
  RedisLoad load;
  load.AddTenants(tenants, kNow);
  load.AddTasks(tenants, tasks_per_second, kNow - 3600, kNow);
  RedisSourceOptions options{.url = load.Url()};
  for (int t = 0; t < tenants; ++t) options.targets.push_back({"t" + std::to_string(t), "p"});
  auto source = *RedisSource::Create(std::move(options));
  const Cost first = Collect(*source, kNow);
  Collect(*source, kNow + 1);
  const redis::Traffic before = source->traffic();
  std::vector<double> wall, cpu;
  for (int c = 0; c < kCycles; ++c) {
    const double now = kNow + 1 + (c + 1) * kIntervalSeconds;
    load.Beat(tenants, now);
    load.AddTasks(tenants, tasks_per_second, now - kIntervalSeconds, now);
    const Cost cost = Collect(*source, now);
    wall.push_back(cost.wall_ms);
    cpu.push_back(cost.cpu_ms);
  }
  const redis::Traffic after = source->traffic();
  const auto per_cycle = [](std::uint64_t a, std::uint64_t b) {
    return static_cast<double>(b - a) / kCycles;
  };
  std::printf("%7d %8.0f %9.1f %9.2f %9.2f %9.0f %7.0f %9.1f %9.1f %8.1f %8.1f\n", tenants,
              tasks_per_second, first.wall_ms, Median(wall), Median(cpu),
              per_cycle(before.commands, after.commands),
              per_cycle(before.round_trips, after.round_trips),
              per_cycle(before.bytes_sent, after.bytes_sent) / 1e3,
              per_cycle(before.bytes_received, after.bytes_received) / 1e3,
              static_cast<double>(source->MemoryBytes()) / 1e6, ResidentMb());
  std::fflush(stdout);
}

}  // namespace
}  // namespace chatscale

int main() {
  std::printf("%7s %8s %9s %9s %9s %9s %7s %9s %9s %8s %8s\n", "tenants", "tasks/s", "first ms",
              "cycle ms", "cpu ms", "commands", "trips", "kB sent", "kB recv", "hist MB", "RSS MB");
  std::fflush(stdout);
  for (const int tenants : {1, 10, 100, 1000}) {
    for (const double tasks_per_second : {0.0, 20.0, 200.0}) {
      const pid_t child = fork();
      if (child == 0) {
        chatscale::Measure(tenants, tasks_per_second);
        std::exit(0);
      }
      int status = 0;
      waitpid(child, &status, 0);
      if (status != 0) return 1;
    }
  }
}
