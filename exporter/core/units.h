// Units as the receivers call them. Pure.
#pragma once

#include <span>
#include <string_view>

#include "exporter/core/catalogue.h"

namespace chatscale {

struct NamedUnit {
  Unit base;                    // what it is a multiple of
  double per_base;              // 1,000 milliseconds a second
  std::string_view cloudwatch;  // "Milliseconds"
  std::string_view ucum;        // "ms"
  std::string_view in_words;    // "in milliseconds"; "" for what is only counted
};

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
// https://ucum.org/ucum
std::span<const NamedUnit> NamedUnits();

// Of `base`, so many a base unit; what is not in the list is only counted.
const NamedUnit& UnitThatIs(Unit base, double per_base);

// Of the row's own samples.
const NamedUnit& UnitOf(const MetricRow& row);

}  // namespace chatscale
