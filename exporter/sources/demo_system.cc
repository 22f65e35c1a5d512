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

template <typename T>
std::uint64_t Place(std::vector<T>& slots, std::vector<std::uint64_t>& free, T value) {
  if (free.empty()) {
    slots.push_back(value);
    return slots.size() - 1;
  }
  const std::uint64_t slot = free.back();
  free.pop_back();
  slots[slot] = value;
  return slot;
}

}  // namespace

DemoSystem::DemoSystem(std::uint64_t seed, double start)
    : dice_(seed),
      now_(start - kHistorySeconds),
      ingress_(kFirstIngress, kStreamsPerIngress, now_),
      proc_(kFirstProc, kSlotsPerProc, now_) {
  Schedule(now_, EventKind::kArrival);
  Schedule(now_, EventKind::kSample);
  AdvanceTo(start);
}

void DemoSystem::AdvanceTo(double now) {
  while (!events_.empty() && events_.top().at <= now) {
    const Event event = events_.top();
    events_.pop();
    now_ = event.at;
    Play(event);
  }
  now_ = std::max(now_, now);
}

void DemoSystem::SetDesired(int ingress, int proc) {
  ingress_.SetDesired(ingress, now_);
  proc_.SetDesired(proc, now_);
}

int DemoSystem::Waiting() const { return static_cast<int>(waiting_.size()); }

PerUserType<int> DemoSystem::Depth() const {
  PerUserType<int> depth{};
  for (const Task& task : waiting_) ++depth[IndexOf(task.user)];
  for (const Task& task : running_) {
    // A task whose replica was stopped is lost, though its end has not come yet.
    if (task.replica >= 0 && proc_.Has(task.replica)) ++depth[IndexOf(task.user)];
  }
  return depth;
}

bool DemoSystem::Accepts(UserType user) const {
  const int total = Waiting() + proc_.Load();
  return total < std::floor(AdmissionShare(user) * QueueCapacity());
}

PerUserType<double> DemoSystem::OldestWaiting() const {
  PerUserType<double> oldest{};
  for (const Task& task : waiting_) {
    double& age = oldest[IndexOf(task.user)];
    age = std::max(age, now_ - task.created);
  }
  return oldest;
}

void DemoSystem::Schedule(double at, EventKind kind, std::uint64_t subject) {
  events_.push({.at = at, .order = next_order_++, .kind = kind, .subject = subject});
}

void DemoSystem::Play(const Event& event) {
  switch (event.kind) {
    case EventKind::kArrival:
      return Arrive();
    case EventKind::kAsk:
      return Ask(event.subject);
    case EventKind::kLeave:
      return Leave(event.subject);
    case EventKind::kTaskEnd:
      return EndTask(event.subject);
    case EventKind::kSample:
      return TakeSample();
  }
}

double DemoSystem::BurstFactor() {
  if (now_ >= burst_.until) {
    burst_.from = now_ + dice_.Exponential(kBurstEverySeconds);
    burst_.until = burst_.from + 600 + 900 * dice_.Uniform();
    burst_.factor = 1.5 + (kMostBurst - 1.5) * dice_.Uniform();
  }
  return now_ < burst_.from ? 1 : burst_.factor;
}

// A Poisson process whose rate changes, by thinning one of the highest rate (Lewis, Shedler 1979).
void DemoSystem::Arrive() {
  constexpr double kHighestRate = kArrivalsPerSecond * kMostBurst;
  Schedule(now_ + dice_.Exponential(1 / kHighestRate), EventKind::kArrival);
  const double rate = kArrivalsPerSecond * DailyShape(now_) * BurstFactor();
  if (dice_.Uniform() * kHighestRate >= rate) return;
  TakeRestSample();
  DemoReplica* replica = ingress_.LeastLoaded(now_);
  if (replica == nullptr) {
    rollings_.asked.Add(now_, 1);  // refused at the door is a request, too
    rollings_.refused.Add(now_, 1);
    return;
  }
  ++replica->load;
  const double leave_at = now_ + dice_.Exponential(kSessionSeconds);
  const std::uint64_t session = Place(
      sessions_, free_sessions_,
      Session{.user = DrawUser(dice_.Uniform()), .replica = replica->number, .leave_at = leave_at});
  Schedule(leave_at, EventKind::kLeave, session);
  ScheduleAsk(session, 10);
}

void DemoSystem::ScheduleAsk(std::uint64_t session, double mean_seconds) {
  const double at = now_ + dice_.Exponential(mean_seconds);
  if (at < sessions_[session].leave_at) Schedule(at, EventKind::kAsk, session);
}

void DemoSystem::Ask(std::uint64_t session) {
  const double burst = BurstFactor();
  ScheduleAsk(session, kThinkSeconds / std::sqrt(burst));
  TakeRestSample();
  rollings_.asked.Add(now_, 1);
  ++totals_.asked;
  const UserType user = sessions_[session].user;
  if (dice_.Uniform() < (burst > 1 ? 0.015 : 0.003)) {
    ++totals_.rate_limited;
    rollings_.rate_limited.Add(now_, 1);
  } else if (!Accepts(user)) {
    ++totals_.refused;
    rollings_.refused.Add(now_, 1);
  } else {
    waiting_.push_back({.user = user, .created = now_});
    StartTasks();
  }
}

void DemoSystem::Leave(std::uint64_t session) {
  if (DemoReplica* replica = ingress_.Find(sessions_[session].replica)) --replica->load;
  sessions_[session].replica = -1;
  free_sessions_.push_back(session);
}

void DemoSystem::TakeRestSample() {
  const double slots = ingress_.Slots(now_);
  const double saturation = slots > 0 ? ingress_.Load() / slots : 1;
  const double strain = std::max(0.0, saturation - 0.7);
  rollings_.rest.Add(now_, dice_.LogNormal(kRestMedianMs, kRestSigma) * (1 + 60 * strain * strain));
}

void DemoSystem::StartTasks() {
  while (!waiting_.empty()) {
    DemoReplica* replica = proc_.LeastLoaded(now_);
    if (replica == nullptr) return;
    ++replica->load;
    Task task = waiting_.front();
    waiting_.pop_front();
    task.started = now_;
    task.replica = replica->number;
    const std::uint64_t slot = Place(running_, free_tasks_, task);
    Schedule(now_ + dice_.LogNormal(kExecMedianSeconds, kExecSigma), EventKind::kTaskEnd, slot);
  }
}

void DemoSystem::EndTask(std::uint64_t slot) {
  Task& task = running_[slot];
  if (DemoReplica* replica = proc_.Find(task.replica)) {
    --replica->load;
    ++totals_.finished;
    ++totals_.finished_of[IndexOf(task.user)];
    totals_.waited_seconds[IndexOf(task.user)] += task.started - task.created;
    rollings_.wait.Add(now_, 1'000 * (task.started - task.created));
    rollings_.exec.Add(now_, 1'000 * (now_ - task.started));
    totals_.wait.Add(task.started - task.created);
    totals_.exec.Add(now_ - task.started);
  } else {
    ++totals_.lost;  // its replica was stopped meanwhile
  }
  task.replica = -1;
  free_tasks_.push_back(slot);
  StartTasks();
}

void DemoSystem::TakeSample() {
  Schedule(now_ + kSampleSeconds, EventKind::kSample);
  if (ingress_.Retire(now_) > 0) MoveStreams();
  proc_.Retire(now_);
  StartTasks();  // on replicas that have become ready
  const double depth = Waiting() + proc_.Load();
  rollings_.depth.Add(now_, depth);
  if (const int capacity = QueueCapacity()) rollings_.pressure.Add(now_, depth / capacity);
  rollings_.streams.Add(now_, ingress_.Load());
  rollings_.ingress_pools.Add(now_, PoolLoadsOf(kIngressPools, ingress_, now_));
  rollings_.proc_pools.Add(now_, PoolLoadsOf(kProcPools, proc_, now_));
  for (Rolling* rolling :
       {&rollings_.rest, &rollings_.wait, &rollings_.exec, &rollings_.depth, &rollings_.pressure,
        &rollings_.streams, &rollings_.rate_limited, &rollings_.refused, &rollings_.asked}) {
    rolling->Trim(now_);
  }
}

// Streams of a stopped replica come back to the others, where there is room.
void DemoSystem::MoveStreams() {
  for (Session& session : sessions_) {
    if (session.replica < 0 || ingress_.Find(session.replica) != nullptr) continue;
    DemoReplica* replica = ingress_.LeastLoaded(now_);
    session.replica = replica == nullptr ? -1 : replica->number;
    if (replica != nullptr) ++replica->load;
  }
}

}  // namespace chatscale
