#include "recommender/state_fields.h"

#include <ranges>

namespace chatscale::recommender {

namespace {

struct Shift {
  absl::Duration by;

  void operator()(const char* /*name*/, absl::Time& time) const { time += by; }
  void operator()(const char* /*name*/, std::optional<absl::Time>& time) const {
    if (time.has_value()) *time += by;
  }
  template <HasFields T>
  void operator()(const char* /*name*/, T& value) const {
    VisitFields(value, *this);
  }
  template <std::ranges::range T>
  void operator()(const char* /*name*/, T& values) const {
    for (auto& value : values) VisitFields(value, *this);
  }
  template <typename T>
  void operator()(const char* /*name*/, T& /*no instant*/) const {}
};

}  // namespace

void ShiftTimes(State& state, absl::Duration by) { VisitFields(state, Shift{by}); }

}  // namespace chatscale::recommender
