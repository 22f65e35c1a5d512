// Data flow one way: who may include whom, as the table in docs/architecture.md says.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "absl/strings/str_split.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;

using Layers = std::map<std::string, std::set<std::string>>;

// The rows "| `folder` | idea | may, include |" of the page.
Layers ReadLayers(const fs::path& page) {
  std::stringstream lines(ReadFile(page.string()));
  const std::regex row(R"(\| `([a-z/]+)` \| [^|]+ \|([^|]*)\|)");
  Layers layers;
  for (std::string line; std::getline(lines, line);) {
    std::smatch cells;
    if (!std::regex_match(line, cells, row)) continue;
    std::set<std::string>& allowed = layers[cells[1]];
    for (const auto& name :
         absl::StrSplit(cells[2].str(), absl::ByAnyChar(", "), absl::SkipEmpty())) {
      const std::string folder(name);
      allowed.insert(folder == "recommender" ? folder : "exporter/" + folder);
    }
  }
  return layers;
}

// "exporter/web" of "exporter/web/routes.h"; subfolders belong to the folder above.
std::string LayerOf(const std::string& path) {
  if (path.starts_with("recommender/")) return "recommender";
  const auto second = path.find('/', path.find('/') + 1);
  return second == path.npos ? "exporter" : path.substr(0, second);
}

std::vector<std::string> OurIncludes(const fs::path& file) {
  std::stringstream lines(ReadFile(file.string()));
  std::vector<std::string> includes;
  for (std::string line; std::getline(lines, line);) {
    for (const std::string start : {"#include \"exporter/", "#include \"recommender/"}) {
      if (line.starts_with(start)) includes.push_back(line.substr(10, line.rfind('"') - 10));
    }
  }
  return includes;
}

TEST(Layers, IncludesGoDownOnly) {
  const fs::path root(CHATSCALE_ROOT);
  const Layers layers = ReadLayers(root / "docs/architecture.md");
  ASSERT_EQ(layers.at("exporter/signals"), (std::set<std::string>{"exporter/core", "recommender"}));
  int checked = 0;
  for (const char* top : {"exporter", "recommender"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cc") continue;
      const std::string path = fs::relative(entry.path(), root).string();
      const std::string layer = LayerOf(path);
      ASSERT_TRUE(layers.contains(layer)) << path;
      for (const std::string& include : OurIncludes(entry.path())) {
        const std::string other = LayerOf(include);
        EXPECT_TRUE(other == layer || layers.at(layer).contains(other))
            << path << " includes " << include;
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 100);
}

}  // namespace
}  // namespace chatscale
