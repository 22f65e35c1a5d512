#include "recommender/state_fields.h"

namespace chatscale::recommender {

namespace {

struct Shift {
  absl::Duration by;

  void Apply(absl::Time& time) const { time += by; }
  template <typename T>
  void Apply(std::optional<T>& maybe) const {
    if (maybe.has_value()) Apply(*maybe);
  }
  template <typename T>
  void Apply(std::vector<T>& items) const {
    for (T& item : items) Apply(item);
  }
  template <typename T, std::size_t N>
  void Apply(std::array<T, N>& items) const {
    for (T& item : items) Apply(item);
  }
  template <typename T>
  void Apply(T& value) const {
    if constexpr (std::is_class_v<T> && !std::same_as<T, absl::Duration>) {
      VisitFields(value, [&self = *this](std::string_view, auto& field) { self.Apply(field); });
    }
  }
};

}  // namespace

void ShiftTimes(State& state, absl::Duration by) { Shift{by}.Apply(state); }

}  // namespace chatscale::recommender
