// The page at "/": what is advised for one target, why, and how chatscale itself fares. Pure.
//
// It is whole without scripts. page.js asks for its sections again every few seconds and puts in
// place those that changed, so that what is shown is made here only.
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
  const TargetView* target = nullptr;  // null: there are several, and none was chosen
  std::string search;                  // of the targets
  std::optional<Target> missing;       // that was asked for and is not there
  HourOfErrors errors;                 // of the target
  std::vector<std::string> decisions;  // of the target, newest first, as DecisionJson
  std::span<const ShownSetting> settings;
  std::vector<prometheus::MetricFamily> self;  // what chatscale counts of itself
  absl::Time now;                              // our clock
};

// HTML of each section, by the id of its element.
std::map<std::string, std::string> Sections(const PageContent& content);

std::string Page(const PageContent& content);

}  // namespace chatscale
