// Data flow one way: who may include whom. docs/architecture.md tells the same.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::set<std::string>>& Allowed() {
  static const std::map<std::string, std::set<std::string>> allowed = {
      {"recommender", {}},
      {"exporter/core", {"recommender"}},
      {"exporter/log", {}},
      {"exporter/files", {}},
      {"exporter/config", {"exporter/core", "exporter/files"}},
      {"exporter/policy", {"exporter/core", "exporter/files", "recommender"}},
      {"exporter/signals", {"exporter/core", "recommender"}},
      {"exporter/state", {"exporter/core", "exporter/files", "recommender"}},
      {"exporter/advisor",
       {"exporter/core", "exporter/policy", "exporter/signals", "exporter/state", "recommender"}},
      {"exporter/http", {"exporter/core", "exporter/files"}},
      {"exporter/sources", {"exporter/config", "exporter/core", "exporter/files", "exporter/http"}},
      {"exporter/exposition", {"exporter/core"}},
      {"exporter/sinks",
       {"exporter/core", "exporter/exposition", "exporter/files", "exporter/http", "exporter/log"}},
      {"exporter/web", {"exporter/advisor", "exporter/core", "exporter/exposition"}},
      {"exporter/loop",
       {"exporter/advisor", "exporter/core", "exporter/log", "exporter/exposition"}},
      {"exporter/replay",
       {"exporter/core", "exporter/policy", "exporter/signals", "exporter/sources", "recommender"}},
      {"exporter/commands",
       {"exporter/advisor", "exporter/config", "exporter/core", "exporter/http", "exporter/log",
        "exporter/loop", "exporter/policy", "exporter/replay", "exporter/sources", "exporter/web",
        "exporter/exposition", "exporter/sinks"}},
      {"exporter",
       {"exporter/commands", "exporter/config", "exporter/log", "exporter/policy"}},  // main.cc
  };
  return allowed;
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
  int checked = 0;
  for (const char* top : {"exporter", "recommender"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cc") continue;
      const std::string path = fs::relative(entry.path(), root).string();
      const std::string layer = LayerOf(path);
      ASSERT_TRUE(Allowed().contains(layer)) << path;
      for (const std::string& include : OurIncludes(entry.path())) {
        const std::string other = LayerOf(include);
        EXPECT_TRUE(other == layer || Allowed().at(layer).contains(other))
            << path << " includes " << include;
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 100);
}

}  // namespace
}  // namespace chatscale
