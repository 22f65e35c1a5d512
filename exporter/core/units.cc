#include "exporter/core/units.h"

#include <algorithm>
#include <array>

namespace chatscale {
namespace {

constexpr std::array<NamedUnit, 7> kUnits = {{
    {Unit::kNone, 1, "Count", "1", ""},
    {Unit::kSeconds, 1, "Seconds", "s", "in seconds"},
    {Unit::kSeconds, 1e3, "Milliseconds", "ms", "in milliseconds"},
    {Unit::kSeconds, 1e6, "Microseconds", "us", "in microseconds"},
    {Unit::kRatio, 1, "None", "1", "as a ratio"},
    {Unit::kRatio, 1e2, "Percent", "%", "in percent"},
    {Unit::kBytes, 1, "Bytes", "By", "in bytes"},
}};

}  // namespace

std::span<const NamedUnit> NamedUnits() { return kUnits; }

const NamedUnit& UnitThatIs(Unit base, double per_base) {
  const auto* const found = std::ranges::find_if(
      kUnits, [&](const NamedUnit& u) { return u.base == base && u.per_base == per_base; });
  return found == kUnits.end() ? kUnits.front() : *found;
}

const NamedUnit& UnitOf(const MetricRow& row) {
  const bool percent = row.unit == Unit::kNone && row.name.ends_with("_percent");
  return percent ? UnitThatIs(Unit::kRatio, 1e2) : UnitThatIs(row.unit, 1);
}

}  // namespace chatscale
