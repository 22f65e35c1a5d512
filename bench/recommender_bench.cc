// Evaluations per second on one core, and 30 days at 15 s from memory.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

#include "tests/recommender/scenario.h"

namespace {

using chatscale::recommender::Calm;
using chatscale::recommender::Policy;
using chatscale::recommender::RecommendInPlace;
using chatscale::recommender::Signals;
using chatscale::recommender::State;

double Seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

// A day's rise and fall, every 15 s.
std::vector<Signals> Days(int days) {
  constexpr int kPerDay = 24 * 240;
  std::vector<Signals> history;
  for (int i = 0; i < days * kPerDay; ++i) {
    Signals s = Calm(chatscale::recommender::kStart + i * absl::Seconds(15));
    const double level = 1 - std::abs(i % kPerDay - kPerDay / 2) / (kPerDay / 2.0);
    s.ingress.streams = 20 + 500 * level;
    s.ingress.stream_capacity = 600;
    s.ingress.current_replicas = 6;
    s.proc.queue_total = s.proc.busy_slots = std::floor(2 + 30 * level);
    s.proc.completed = std::floor(*s.proc.busy_slots * 60 / 22.9);
    s.proc.queue_capacity = 48;
    s.proc.current_replicas = 6;
    history.push_back(s);
  }
  return history;
}

}  // namespace

int main() {
  constexpr int kDays = 30;
  constexpr int kRounds = 10;
  const std::vector<Signals> history = Days(kDays);
  const Policy policy;
  double best = 1e9;
  long recommended = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    State state;
    for (const Signals& signals : history) {
      recommended += RecommendInPlace(policy, signals, state).proc.desired.value_or(0);
    }
    best = std::min(best, Seconds(start));
  }
  const auto ticks = static_cast<double>(history.size());
  std::printf("30 days at 15 s: %.3f s (best of %d, checksum %ld)\n", best, kRounds, recommended);
  std::printf("ticks per second (both components): %.2f million\n", ticks / best / 1e6);
  std::printf("component evaluations per second: %.2f million\n", 2 * ticks / best / 1e6);
  return 0;
}
