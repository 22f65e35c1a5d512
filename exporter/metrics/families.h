// Naming x View -> the metric families that are published, in prometheus-cpp's data model.
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

// Which families there are, under which names, and how much of them.
struct FamilyOptions {
  std::shared_ptr<const Naming> naming = Naming::Own();
  std::size_t label_value_bytes = 128;
  // Of one family for one target; rows marked `contract` are exempt.
  std::size_t series_per_family = 64;
  std::size_t series = 20'000;
  // What chatscale counts of itself (SelfMetrics); null: nothing.
  std::shared_ptr<const prometheus::Collectable> self = nullptr;
};

struct PublishedFamily {
  const PublishedRow* as = nullptr;
  prometheus::MetricFamily data;  // no two metrics with the same labels
};

// kSettled stay as they are until the next collection; kLive are ages and what chatscale counts;
// kProbe are all but those of the process.
enum class Rows { kAll, kSettled, kLive, kProbe };

// Calls `take` with each family that is not empty, in the naming's order: memory is that of one,
// as many targets have many series. Ages are as of `now`. Label values come out as well-formed
// UTF-8 without control characters, within the limit; `tenant` and `project` are put in front where
// they are known. Returns what was left out, by reason: "family_limit", "total_limit", "duplicate".
std::map<std::string, std::uint64_t> EachFamily(
    const View& view, absl::Time now, const FamilyOptions& options, Rows rows,
    const std::function<void(const PublishedFamily&)>& take);

// `text` as a label value may be.
std::string LabelValue(std::string_view text, std::size_t max_bytes);

}  // namespace chatscale
