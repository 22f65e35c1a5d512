#include "exporter/sources/demo_system.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace chatscale {

namespace {

constexpr double kDay = 86'400;
constexpr double kHour = 3'600;

struct Point {
  double hour, level;
};

// Quiet night, steep morning, lunch dip, long evening.
constexpr std::array kPoints = {
    Point{0, 0.22},  Point{4, 0.10},  Point{7, 0.25},    Point{9.5, 0.90}, Point{12, 0.95},
    Point{13, 0.72}, Point{15, 1.00}, Point{17.5, 0.80}, Point{21, 0.60},  Point{24, 0.22}};

}  // namespace

double DailyShape(double seconds) {
  const double hour = (seconds - kDay * std::floor(seconds / kDay)) / kHour;
  for (std::size_t i = 1; i < kPoints.size(); ++i) {
    if (hour > kPoints[i].hour) continue;
    const Point& a = kPoints[i - 1];
    const Point& b = kPoints[i];
    return a.level + (b.level - a.level) * (hour - a.hour) / (b.hour - a.hour);
  }
  return kPoints.back().level;
}

namespace {

// At the busiest hour: 300 streams on 400, and 20 of 24 slots taken; bursts go beyond.
constexpr double kArrivalsPerSecond = 0.25;
constexpr double kSessionSeconds = 1'200;
constexpr double kThinkSeconds = 115;
constexpr double kExecMedianSeconds = 6.5;
constexpr double kExecSigma = 0.6;
constexpr double kRestMedianMs = 38;
constexpr double kRestSigma = 0.5;

constexpr double kBurstEverySeconds = 9'000;
constexpr double kMostBurst = 2.1;
constexpr double kSampleSeconds = 10;
constexpr double kHistorySeconds = 3'600;
constexpr int kFirstIngress = 2;
constexpr int kFirstProc = 3;

std::size_t IndexOf(UserType user) { return static_cast<std::size_t>(user); }

// Share of the queue's capacity from which a user is refused, as the upstream's default policy.
double AdmissionShare(UserType user) {
  switch (user) {
    case UserType::kAnonymous:
      return 0.6;
    case UserType::kRegistered:
      return 0.85;
    case UserType::kPaid:
      return 0.9;
    default:
      return 0.98;
  }
}

UserType DrawUser(double uniform) {
  if (uniform < 0.35) return UserType::kAnonymous;
  if (uniform < 0.75) return UserType::kRegistered;
  return uniform < 0.95 ? UserType::kPaid : UserType::kPrivileged;
}

}  // namespace

DemoSystem::DemoSystem(std::uint64_t seed, double start)
    : dice_(seed),
      model_({.streams_per_replica = kStreamsPerIngress,
              .slots_per_replica = kSlotsPerProc,
              .ended = [this](const ModelTask& task) { Ended(task); }},
             start - kHistorySeconds) {
  model_.SetDesired(Service::kIngress, kFirstIngress, 0, 0);
  model_.SetDesired(Service::kProc, kFirstProc, 0, 0);
  Schedule({.at = now(), .kind = EventKind::kArrival});
  Schedule({.at = now(), .kind = EventKind::kSample});
  AdvanceTo(start);
}

void DemoSystem::AdvanceTo(double now) {
  while (!events_.empty() && events_.top().at <= now) {
    const Event event = events_.top();
    events_.pop();
    model_.AdvanceTo(event.at);
    switch (event.kind) {
      case EventKind::kArrival:
        Arrive();
        break;
      case EventKind::kSubmit:
        Submit(event.user, event.leave_at);
        break;
      case EventKind::kSample:
        TakeSample();
        break;
    }
  }
  model_.AdvanceTo(now);
}

void DemoSystem::SetDesired(int ingress, int proc) {
  model_.SetDesired(Service::kIngress, ingress, kStartSeconds, kDrainSeconds);
  model_.SetDesired(Service::kProc, proc, kStartSeconds, kDrainSeconds);
}

PerUserType<int> DemoSystem::Depth() const {
  PerUserType<int> depth{};
  for (const ModelTask& task : model_.waiting()) ++depth[IndexOf(task.user)];
  model_.EachRunning([&](const ModelTask& task) { ++depth[IndexOf(task.user)]; });
  return depth;
}

bool DemoSystem::Admits(UserType user) const {
  return Waiting() + proc().Load() < std::floor(AdmissionShare(user) * QueueCapacity());
}

PerUserType<double> DemoSystem::OldestWaiting() const {
  PerUserType<double> oldest{};
  for (const ModelTask& task : model_.waiting()) {
    double& age = oldest[IndexOf(task.user)];
    age = std::max(age, now() - task.created);
  }
  return oldest;
}

void DemoSystem::Schedule(Event event) {
  event.order = next_order_++;
  events_.push(event);
}

double DemoSystem::BurstFactor() {
  if (now() >= burst_.until) {
    burst_.from = now() + dice_.Exponential(kBurstEverySeconds);
    burst_.until = burst_.from + 600 + 900 * dice_.Uniform();
    burst_.factor = 1.5 + (kMostBurst - 1.5) * dice_.Uniform();
  }
  return now() < burst_.from ? 1 : burst_.factor;
}

// A Poisson process whose rate changes, by thinning one of the highest rate (Lewis, Shedler 1979).
void DemoSystem::Arrive() {
  constexpr double kHighestRate = kArrivalsPerSecond * kMostBurst;
  Schedule({.at = now() + dice_.Exponential(1 / kHighestRate), .kind = EventKind::kArrival});
  const double rate = kArrivalsPerSecond * DailyShape(now()) * BurstFactor();
  if (dice_.Uniform() * kHighestRate >= rate) return;
  TakeRestSample();
  const double seconds = dice_.Exponential(kSessionSeconds);
  if (!model_.OpenStream(seconds)) {
    rollings_.attempted.Add(now(), 1);  // a request, too
    rollings_.refused.Add(now(), 1);
    return;
  }
  ScheduleSubmit(DrawUser(dice_.Uniform()), now() + seconds, 10);
}

void DemoSystem::ScheduleSubmit(UserType user, double leave_at, double mean_seconds) {
  const double at = now() + dice_.Exponential(mean_seconds);
  if (at < leave_at) {
    Schedule({.at = at, .kind = EventKind::kSubmit, .user = user, .leave_at = leave_at});
  }
}

void DemoSystem::Submit(UserType user, double leave_at) {
  const double burst = BurstFactor();
  ScheduleSubmit(user, leave_at, kThinkSeconds / std::sqrt(burst));
  TakeRestSample();
  rollings_.attempted.Add(now(), 1);
  ++totals_.attempted;
  if (dice_.Uniform() < (burst > 1 ? 0.015 : 0.003)) {
    ++totals_.rate_limited;
    rollings_.rate_limited.Add(now(), 1);
  } else if (!Admits(user)) {
    ++totals_.refused;
    rollings_.refused.Add(now(), 1);
  } else {
    model_.Submit({.seconds = dice_.LogNormal(kExecMedianSeconds, kExecSigma), .user = user});
  }
}

void DemoSystem::Ended(const ModelTask& task) {
  const double at = task.started + task.seconds, wait = task.started - task.created;
  ++totals_.finished;
  ++totals_.finished_of[IndexOf(task.user)];
  totals_.waited_seconds[IndexOf(task.user)] += wait;
  totals_.wait.Add(wait);
  totals_.exec.Add(task.seconds);
  rollings_.wait.Add(at, 1'000 * wait);
  rollings_.exec.Add(at, 1'000 * task.seconds);
}

void DemoSystem::TakeRestSample() {
  const double slots = ingress().Slots(now());
  const double saturation = slots > 0 ? ingress().Load() / slots : 1;
  const double strain = std::max(0.0, saturation - 0.7);
  rollings_.rest.Add(now(),
                     dice_.LogNormal(kRestMedianMs, kRestSigma) * (1 + 60 * strain * strain));
}

void DemoSystem::TakeSample() {
  Schedule({.at = now() + kSampleSeconds, .kind = EventKind::kSample});
  const double depth = Waiting() + proc().Load();
  rollings_.depth.Add(now(), depth);
  if (const int capacity = QueueCapacity()) rollings_.pressure.Add(now(), depth / capacity);
  rollings_.streams.Add(now(), ingress().Load());
  rollings_.ingress_pools.Add(now(), PoolLoadsOf(kIngressPools, ingress(), now()));
  rollings_.proc_pools.Add(now(), PoolLoadsOf(kProcPools, proc(), now()));
  for (Rolling* rolling :
       {&rollings_.rest, &rollings_.wait, &rollings_.exec, &rollings_.depth, &rollings_.pressure,
        &rollings_.streams, &rollings_.rate_limited, &rollings_.refused, &rollings_.attempted}) {
    rolling->Trim(now());
  }
}

}  // namespace chatscale
