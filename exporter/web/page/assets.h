// Assets: the page's files and the documents it links to, embedded in the program. Alone, as CMake
// generates the definitions.
#pragma once

#include <string_view>

namespace chatscale {

std::string_view PageCss();
std::string_view PageJs();
// Chart.js of Debian's package libjs-chart.js, MIT licence; the notice is at its beginning.
std::string_view ChartJs();
// docs/metrics.md and docs/runbooks.md.
std::string_view MetricsMd();
std::string_view RunbooksMd();

}  // namespace chatscale
