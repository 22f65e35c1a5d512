// Catalogue rows: helpers that several subjects share (windows, percentiles, user types).
#pragma once

#include <vector>

#include "exporter/metrics/catalogue.h"

namespace chatscale {

// Factors from base units to the upstream's units.
inline constexpr double kMillis = 1000;
inline constexpr double kPercent = 100;

// The upstream exports the count of the last hour, the adjacent rows that of the last minute: the
// processor's, else the ingress service's.
UpstreamScalar UpstreamRateLimit429();
UpstreamScalar UpstreamBackpressure503();

// Adds {window, stat="avg"} for each window and {window="1h", stat="max"} to `labels`.
void EmitWindows(const WindowMeans& windows, const Labels& labels, const Emit& emit);

// One sample per window, labelled {window}.
void EmitP50(const Latency& latency, const Emit& emit);
void EmitP95(const Latency& latency, const Emit& emit);
void EmitP99(const Latency& latency, const Emit& emit);
void EmitMax(const Latency& latency, const Emit& emit);
void EmitCount(const Latency& latency, const Emit& emit);

// One sample per user type, labelled {user_type}.
void EmitUserTypes(const PerUserType<MaybeNumber>& values, const Emit& emit);

// The rows by subject; catalogue.cc concatenates them.

std::vector<MetricRow> IngressRows();
std::vector<MetricRow> QueueRows();
std::vector<MetricRow> CountRows();  // events, as counters and histograms
std::vector<MetricRow> FleetRows();  // pools, capacity, database, breakers, instances
std::vector<MetricRow> RecommenderRows();
std::vector<MetricRow> ExporterRows();  // chatscale itself

}  // namespace chatscale
