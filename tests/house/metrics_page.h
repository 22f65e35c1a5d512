// docs/metrics.md and README's table of settings, from the tables in the code. Pure.
#pragma once

#include <string>

#include "exporter/model/view.h"

namespace chatscale {

// `observed` shows which labels the families carry.
std::string MetricsPage(const View& observed);

std::string SettingsTable();

}  // namespace chatscale
