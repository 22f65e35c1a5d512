// Shapes that several catalogue rows share: windows, percentiles, user types.
#pragma once

#include <vector>

#include "exporter/metrics/catalogue.h"

namespace chatscale {

// From our base units to the upstream's.
inline constexpr double kMillis = 1000;
inline constexpr double kPercent = 100;

// What the upstream exports is the last hour's count, where our rows beside it say the last
// minute's: the processor's, else the ingress service's.
UpstreamScalar UpstreamRateLimit429();
UpstreamScalar UpstreamBackpressure503();

// {window, stat="avg"} for each window and {window="1h", stat="max"}, behind `labels`.
void EmitWindows(const WindowMeans& windows, const Labels& labels, const Emit& emit);

// One sample per window, labelled {window}.
void EmitP50(const Latency& latency, const Emit& emit);
void EmitP95(const Latency& latency, const Emit& emit);
void EmitP99(const Latency& latency, const Emit& emit);
void EmitMax(const Latency& latency, const Emit& emit);
void EmitCount(const Latency& latency, const Emit& emit);

// One sample per user type, labelled {user_type}.
void EmitUserTypes(const PerUserType<MaybeNumber>& values, const Emit& emit);

// The catalogue's rows by subject; catalogue.cc puts them together.

std::vector<MetricRow> IngressRows();
std::vector<MetricRow> QueueRows();
std::vector<MetricRow> CountRows();  // events, as counters and histograms
std::vector<MetricRow> FleetRows();  // pools, capacity, database, breakers, instances
std::vector<MetricRow> RecommenderRows();
std::vector<MetricRow> ExporterRows();  // ourselves

}  // namespace chatscale
