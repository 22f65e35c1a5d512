// docs/security.md: each demand names tests that there are.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;

// "Suite.Name" of each test in the sources, of each corpus, and the names of those in Python.
std::set<std::string> Tests(const fs::path& root) {
  std::set<std::string> tests;
  const std::regex in_cpp(R"(\nTEST(?:_F|_P)?\((\w+),\s+(\w+)\))");
  const std::regex in_python(R"(chatscale_consumer_test\((\w+) )");
  for (const auto& entry : fs::recursive_directory_iterator(root / "tests")) {
    if (!entry.is_regular_file()) continue;
    const bool cpp = entry.path().extension() == ".cc";
    if (!cpp && entry.path().filename() != "CMakeLists.txt") continue;
    const std::string text = ReadFile(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), cpp ? in_cpp : in_python), end;
         at != end; ++at) {
      tests.insert(cpp ? (*at)[1].str() + "." + (*at)[2].str() : (*at)[1].str());
      tests.insert((*at)[1].str());
    }
  }
  for (const auto& corpus : fs::directory_iterator(root / "fuzz" / "corpus")) {
    tests.insert("FuzzCorpus." + corpus.path().filename().string());
  }
  return tests;
}

TEST(SecurityPage, EachRequirementNamesExistingTests) {
  const std::set<std::string> tests = Tests(CHATSCALE_ROOT);
  const std::string page = ReadFile(CHATSCALE_ROOT "/docs/security.md");
  const std::regex row(R"(\n\| (S\d+) \|[^\n]*\| ([^|\n]+) \|)");
  const std::regex named(R"(`([A-Z]\w+(?:\.\w+)?)`)");
  std::set<std::string> demands;
  for (std::sregex_iterator at(page.begin(), page.end(), row), end; at != end; ++at) {
    demands.insert((*at)[1]);
    const std::string cell = (*at)[2];
    int count = cell.find("`./dev") != cell.npos ? 1 : 0;
    for (std::sregex_iterator name(cell.begin(), cell.end(), named); name != end; ++name, ++count) {
      EXPECT_TRUE(tests.contains((*name)[1])) << (*at)[1] << ": no test " << (*name)[1];
    }
    EXPECT_GT(count, 0) << (*at)[1];
  }
  EXPECT_EQ(demands.size(), 28u);
}

}  // namespace
}  // namespace chatscale
