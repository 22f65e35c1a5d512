// Every defect that code, tests or pages cite by its number is explained in docs/upstream.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;

std::set<std::string> Matches(const std::string& text, const std::regex& pattern) {
  std::set<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
    found.insert((*match)[1]);
  }
  return found;
}

TEST(UpstreamPage, ExplainsEveryCitedDefectNumber) {
  const fs::path root(CHATSCALE_ROOT);
  const auto explained =
      Matches(ReadFile((root / "docs/upstream.md").string()), std::regex(R"(\| ([DR][0-9]+) \|)"));
  EXPECT_EQ(explained.size(), 28u + 12u);
  const std::regex cited(R"(\b([DR][1-9][0-9]?)\b)");
  std::set<std::string> all;
  for (const char* folder : {"exporter", "recommender", "tests/exporter", "docs"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cc" && extension != ".md") continue;
      for (const std::string& number : Matches(ReadFile(entry.path().string()), cited)) {
        EXPECT_TRUE(explained.contains(number)) << entry.path() << " cites " << number;
        all.insert(number);
      }
    }
  }
  EXPECT_THAT(all, testing::IsSupersetOf({"D1", "D20", "R12"}));
}

}  // namespace
}  // namespace chatscale
