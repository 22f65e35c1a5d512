// The catalogue's rows by subject; catalogue.cc puts them together.
#pragma once

#include <vector>

#include "exporter/core/catalogue.h"

namespace chatscale {

std::vector<MetricRow> IngressRows();
std::vector<MetricRow> QueueRows();
std::vector<MetricRow> CountRows();  // events, as counters and histograms
std::vector<MetricRow> FleetRows();  // pools, capacity, database, breakers, instances
std::vector<MetricRow> RecommenderRows();
std::vector<MetricRow> ExporterRows();  // ourselves

}  // namespace chatscale
