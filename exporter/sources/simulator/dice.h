// Random numbers that are the same on every machine for the same seed: the standard library's
// distributions are not. Pure.
#pragma once

#include <cmath>
#include <cstdint>

namespace chatscale {

// SplitMix64 (Steele, Lea, Flood 2014): one addition and three mixing steps a draw.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  double Uniform() {                                    // in [0, 1)
    constexpr double kUnit = 1.0 / 9007199254740992.0;  // 2^-53
    return static_cast<double>(Next() >> 11) * kUnit;
  }
  double Exponential(double mean) { return -mean * std::log(1.0 - Uniform()); }
  // Median `median`; `sigma` is the standard deviation of the logarithm.
  double LogNormal(double median, double sigma) {
    constexpr double kTwoPi = 6.283185307179586;
    const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));  // Box-Muller
    return median * std::exp(sigma * radius * std::cos(kTwoPi * Uniform()));
  }

 private:
  std::uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

}  // namespace chatscale
