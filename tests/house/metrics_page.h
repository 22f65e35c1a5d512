// docs/metrics.md and README's table of settings, from the tables in the code. Pure.
#pragma once

#include <string>

namespace chatscale {

std::string MetricsPage();
std::string SettingsTable();

}  // namespace chatscale
