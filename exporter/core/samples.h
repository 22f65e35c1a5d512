// Naming x View -> what is published. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "exporter/core/catalogue.h"
#include "exporter/core/naming.h"
#include "exporter/core/view.h"

namespace chatscale {

// Which families there are, under which names, and how much of them.
struct SampleOptions {
  std::shared_ptr<const Naming> naming = Naming::Own();
  std::size_t label_value_bytes = 128;
  // Of one family for one target; rows marked `contract` are exempt.
  std::size_t series_per_family = 64;
  std::size_t series = 20'000;
};

struct SampleFamily {
  const PublishedRow* as = nullptr;
  std::vector<Sample> samples;  // no two with the same labels
};

enum class Rows { kAll, kCollected, kLive };  // by MetricRow::live

// Calls `take` with each family that is not empty, in the naming's order: memory is that of one,
// as many targets have many series. Label values come out as well-formed UTF-8 without control
// characters, within the limit; `tenant` and `project` are put in front where they are known.
// Returns what was left out, by reason: "family_limit", "total_limit", "duplicate".
std::map<std::string, std::uint64_t> EachFamily(
    const View& view, const SampleOptions& options, Rows rows,
    const std::function<void(const SampleFamily&)>& take);

// `text` as a label value may be.
std::string LabelValue(std::string_view text, std::size_t max_bytes);

}  // namespace chatscale
