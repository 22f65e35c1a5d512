// Generated documents are what the code says. `./dev docs` writes them anew.
#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include "tests/house/metrics_page.h"
#include "tests/support/child_process.h"

namespace chatscale {
namespace {

TEST(Golden, MetricsPage) {
  ExpectGolden(std::string(CHATSCALE_ROOT) + "/docs/metrics.md", MetricsPage());
}

TEST(Golden, SettingsTableOfTheReadme) {
  const std::string path = std::string(CHATSCALE_ROOT) + "/README.md";
  const std::string readme = ReadFile(path);
  const std::string begin = "<!-- settings: ./dev docs -->\n";
  const std::string end = "<!-- end of settings -->";
  const auto from = readme.find(begin);
  const auto to = readme.find(end);
  ASSERT_NE(from, readme.npos);
  ASSERT_NE(to, readme.npos);
  ExpectGolden(path, readme.substr(0, from + begin.size()) + SettingsTable() + readme.substr(to));
}

}  // namespace
}  // namespace chatscale
