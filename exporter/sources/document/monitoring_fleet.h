// `components.<name>` of the document -> ServiceFleet. Pure.
#pragma once

#include "exporter/model/snapshot.h"
#include "exporter/sources/json/json_fields.h"

namespace chatscale {

inline constexpr double kPercent = 100;  // of a ratio of 1

// `malformed_pools` counts malformed fields about connections: no signal of a decision.
ServiceFleet ReadFleet(const JsonFields& json, int* malformed_pools);

// {1m, 15m, 1h, max}, each divided by `divisor`.
WindowMeans ReadWindowMeans(const JsonFields& json, double divisor, double most = kMostCount);

}  // namespace chatscale
