// Page at "/": the recommendation for one target, its reasons, and chatscale's own health. Pure.
//
// It works without scripts. page.js requests the sections every few seconds and replaces those that
// changed, so all content is rendered here.
#pragma once

#include <prometheus/metric_family.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exporter/model/view.h"
#include "exporter/web/history.h"

namespace chatscale {

struct PageContent {
  const View& view;
  const TargetView* target = nullptr;  // null: several targets, none selected
  std::string search;                  // search text for targets
  std::optional<Target> missing;       // requested target that does not exist
  HourOfErrors errors;                 // of the target
  std::vector<std::string> decisions;  // of the target, newest first, as DecisionJson
  std::span<const ShownSetting> settings;
  std::vector<prometheus::MetricFamily> self;  // metrics of chatscale itself
  absl::Time now;                              // chatscale's clock
};

// HTML of each section by element id.
std::map<std::string, std::string> Sections(const PageContent& content);

std::string Page(const PageContent& content);

}  // namespace chatscale
