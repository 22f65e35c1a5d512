#include "bench/autoscalers.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <optional>
#include <utility>

namespace chatscale {
namespace {

bool Due(double seconds, double period) { return std::fmod(seconds, period) == 0; }

int Ceil(double value) { return static_cast<int>(std::ceil(value - 1e-9)); }

// Values with their times, none older than a window: strictly within, as HPA has it.
template <typename Value>
class Recent {
 public:
  explicit Recent(double window) : window_(window) {}

  void Add(double now, Value value) { entries_.emplace_back(now, value); }
  const std::deque<std::pair<double, Value>>& At(double now) {
    while (!entries_.empty() && entries_.front().first <= now - window_) entries_.pop_front();
    return entries_;
  }

 private:
  double window_;
  std::deque<std::pair<double, Value>> entries_;
};

struct HpaBehavior {
  double down_window, down_share, down_period;
};

class Hpa : public ServiceAutoscaler {
 public:
  explicit Hpa(const HpaBehavior& behavior)
      : behavior_(behavior), recent_(behavior.down_window), downs_(behavior.down_period) {}

  int Want(const ServiceLoad& load) override {
    if (!Due(load.seconds, kSync)) return load.replicas;
    const double now = load.seconds;
    const int current = load.replicas;
    const double target = kUtilization * load.per_replica;
    const double ratio = load.demand / (target * current);
    const int raw =
        ratio >= 1 - kTolerance && ratio <= 1 + kTolerance ? current : Ceil(load.demand / target);
    recent_.Add(now, raw);
    int highest = raw;
    for (const auto& [at, replicas] : recent_.At(now)) highest = std::max(highest, replicas);
    if (raw > current) {
      // The period of both policies is one sync.
      return std::min(raw, std::max(2 * current, current + 4));
    }
    const int wanted = std::max(1, std::min(current, highest));
    int removed = 0;
    for (const auto& [at, count] : downs_.At(now)) removed += count;
    const int floor = static_cast<int>((current + removed) * (1 - behavior_.down_share));
    const int next = std::clamp(wanted, std::min(floor, current), current);
    if (next < current) downs_.Add(now, current - next);
    return next;
  }

 private:
  static constexpr double kSync = 15, kTolerance = 0.1;

  HpaBehavior behavior_;
  Recent<int> recent_, downs_;
};

class KpaAutoscaler : public ServiceAutoscaler {
 public:
  int Want(const ServiceLoad& load) override {
    stable_.push_back(load.demand);
    if (stable_.size() > kStable) stable_.pop_front();
    if (!Due(load.seconds, kTick)) return load.replicas;
    const double target = kUtilization * load.per_replica;
    const int ready = std::max(1, load.ready);
    const int lowest = ready / 2;  // at most halved; up by a thousand is no limit here
    const int stable = std::max(lowest, Ceil(Mean(kStable) / target));
    const int panic = std::max(lowest, Ceil(Mean(kPanic) / target));
    if (Mean(kPanic) / target / ready >= 2) {
      if (!panic_since_) most_ = 0;
      panic_since_ = load.seconds;
    } else if (panic_since_ && *panic_since_ + kStable < load.seconds) {
      panic_since_.reset();
    }
    if (!panic_since_) return std::max(1, stable);
    most_ = std::max({most_, stable, panic});
    return std::max(1, most_);
  }

 private:
  static constexpr double kTick = 2;
  static constexpr std::size_t kStable = 60, kPanic = 6;

  double Mean(std::size_t window) const {
    const std::size_t n = std::min(window, stable_.size());
    return std::accumulate(stable_.end() - static_cast<std::ptrdiff_t>(n), stable_.end(), 0.0) /
           static_cast<double>(n);
  }

  std::deque<double> stable_;
  std::optional<double> panic_since_;
  int most_ = 0;
};

class Tracking : public ServiceAutoscaler {
 public:
  int Want(const ServiceLoad& load) override {
    sum_ += load.demand / (load.per_replica * std::max(1, load.ready));
    if (!Due(load.seconds + 1, kPoint)) return load.replicas;
    const double mean = std::exchange(sum_, 0) / kPoint;
    above_ = mean > kUtilization ? above_ + 1 : 0;
    below_ = mean < 0.9 * kUtilization ? below_ + 1 : 0;
    const int want = std::max(1, Ceil(load.ready * mean / kUtilization));
    if (above_ >= kHigh) return std::max(load.replicas, want);
    if (below_ < kLow || load.seconds - last_in_ < kCooldown) return load.replicas;
    const int next = std::max(1, std::min(want, load.replicas - 1));
    if (next < load.replicas) last_in_ = load.seconds;
    return next;
  }

 private:
  static constexpr double kPoint = 60, kCooldown = 300;
  static constexpr int kHigh = 3, kLow = 15;

  double sum_ = 0;
  int above_ = 0, below_ = 0;
  double last_in_ = -kCooldown;
};

}  // namespace

std::unique_ptr<ServiceAutoscaler> HpaAtDefaults() {
  return std::make_unique<Hpa>(HpaBehavior{300, 1, 15});
}

std::unique_ptr<ServiceAutoscaler> HpaCalm() {
  return std::make_unique<Hpa>(HpaBehavior{900, 0.1, 60});
}

std::unique_ptr<ServiceAutoscaler> Kpa() { return std::make_unique<KpaAutoscaler>(); }

std::unique_ptr<ServiceAutoscaler> TargetTracking() { return std::make_unique<Tracking>(); }

}  // namespace chatscale
