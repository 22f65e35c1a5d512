// Metric families: what a Naming publishes of a View, in prometheus-cpp's data model.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "exporter/metrics/catalogue.h"
#include "exporter/metrics/naming.h"
#include "exporter/model/view.h"

namespace chatscale {

// Names and limits of the published families.
struct FamilyOptions {
  std::shared_ptr<const Naming> naming = Naming::Own();
  std::size_t label_value_bytes = 128;
  std::size_t series = 20'000;  // rows marked `contract` are exempt
  // Metrics of chatscale itself (SelfMetrics); null: none.
  std::shared_ptr<const prometheus::Collectable> self = nullptr;
};

struct PublishedFamily {
  const PublishedRow* as = nullptr;
  prometheus::MetricFamily data;  // label sets are unique
};

// kSettled: rows that do not change until the next collection. kLive: ages and chatscale's own
// metrics. kProbe: all but the metrics of this process.
enum class Rows { kAll, kSettled, kLive, kProbe };

// Calls `take` with each non-empty family, in the naming's order, so that memory is that of one
// family. Ages are as of `now`. Label values are well-formed UTF-8 without control characters,
// within the limit; known `tenant` and `project` come first. Returns the omitted series by reason:
// "family_limit", "total_limit", "duplicate".
std::map<std::string, std::uint64_t> EachFamily(
    const View& view, absl::Time now, const FamilyOptions& options, Rows rows,
    const std::function<void(const PublishedFamily&)>& take);

// Sanitizes a label value.
std::string LabelValue(std::string_view text, std::size_t max_bytes);

}  // namespace chatscale
