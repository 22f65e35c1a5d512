// Data flow one way: who may include whom, as the table in docs/architecture.md says.
#include <gtest/gtest.h>

#include <algorithm>
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

// The longest folder with a row that `path` lies in; "" when there is none.
std::string LayerOf(std::string path, const Layers& layers) {
  while (path.find('/') != path.npos) {
    path.erase(path.rfind('/'));
    if (layers.contains(path)) return path;
  }
  return "";
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

// Calls use(file, its path from the root) for each file of ours called so or with that extension.
template <typename Use>
void EachFile(const fs::path& root, std::string_view called, Use use) {
  for (const char* top : {"exporter", "recommender"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const fs::path& file = entry.path();
      if (file.filename() != called && file.extension() != called) continue;
      use(file, fs::relative(file, root).string());
    }
  }
}

TEST(Layers, IncludesMatchTheLayerTable) {
  const fs::path root(CHATSCALE_ROOT);
  const Layers layers = ReadLayers(root / "docs/architecture.md");
  ASSERT_EQ(layers.at("exporter/net"), (std::set<std::string>{"exporter/model"}));
  std::map<std::string, std::set<std::string>> included;
  for (const char* extension : {".h", ".cc"}) {
    EachFile(root, extension, [&](const fs::path& file, const std::string& path) {
      const std::string layer = LayerOf(path, layers);
      ASSERT_NE(layer, "") << path;
      for (const std::string& include : OurIncludes(file)) {
        const std::string other = LayerOf(include, layers);
        if (other == layer) continue;
        EXPECT_TRUE(layers.at(layer).contains(other)) << path << " includes " << include;
        included[layer].insert(other);
      }
    });
  }
  for (const auto& [layer, allowed] : layers) {
    EXPECT_EQ(included[layer], allowed) << layer << ": allowed, and not used";
  }
}

// The words of `text` that name targets of ours: "chatscale::model".
std::set<std::string> TargetsIn(const std::string& text) {
  const std::regex target(R"(chatscale::(\w+))");
  std::set<std::string> targets;
  for (std::sregex_iterator found(text.begin(), text.end(), target), end; found != end; ++found) {
    targets.insert((*found)[1]);
  }
  return targets;
}

TEST(Layers, CMakeLinksMatchTheLayerTable) {
  const fs::path root(CHATSCALE_ROOT);
  const Layers layers = ReadLayers(root / "docs/architecture.md");
  const std::regex alias(R"(add_library\(chatscale::(\w+) ALIAS)");
  std::map<std::string, std::string> homes;             // by target
  std::map<std::string, std::set<std::string>> linked;  // targets, by layer
  EachFile(root, "CMakeLists.txt", [&](const fs::path& file, const std::string& path) {
    const std::string text = ReadFile(file.string());
    const std::string layer = LayerOf(path, layers);
    std::smatch named;
    if (std::regex_search(text, named, alias)) homes[named[1]] = layer;
    const auto links = text.find("target_link_libraries");
    if (links != text.npos) linked[layer] = TargetsIn(text.substr(links));
  });
  EXPECT_EQ(linked.size(), layers.size());
  for (const auto& [layer, targets] : linked) {
    std::set<std::string> folders;
    for (const std::string& target : targets) folders.insert(homes[target]);
    folders.erase(layer);  // a program of the folder links its library
    EXPECT_EQ(folders, layers.at(layer)) << layer;
  }
}

// Header and source together; the reason is in the first lines: "Alone, as ...".
TEST(Layers, SmallFilesSayWhyTheyStandAlone) {
  const fs::path root(CHATSCALE_ROOT);
  constexpr std::size_t kFewLines = 40, kFewestOfFolder = 200;
  std::map<std::string, std::size_t> lines, of_folder;
  std::map<std::string, std::string> begins;
  for (const char* extension : {".h", ".cc"}) {
    EachFile(root, extension, [&](const fs::path& file, const std::string& path) {
      const std::string text = ReadFile(file.string());
      const auto count = static_cast<std::size_t>(std::ranges::count(text, '\n'));
      const std::string subject = path.substr(0, path.rfind('.'));
      lines[subject] += count;
      of_folder[path.substr(0, path.rfind('/'))] += count;
      begins[subject] += text.substr(0, text.find("#pragma once"));
    });
  }
  for (const auto& [subject, count] : lines) {
    EXPECT_TRUE(count >= kFewLines || begins[subject].find("Alone, ") != std::string::npos)
        << subject << " has " << count << " lines";
  }
  for (const auto& [folder, count] : of_folder) EXPECT_GE(count, kFewestOfFolder) << folder;
}

TEST(Layers, EachFolderHasAReadme) {
  const fs::path root(CHATSCALE_ROOT);
  for (const auto& [layer, allowed] : ReadLayers(root / "docs/architecture.md")) {
    const std::string text = ReadFile((root / layer / "README.md").string());
    EXPECT_TRUE(text.starts_with("# " + layer + "\n")) << layer;
  }
}

}  // namespace
}  // namespace chatscale
