#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/temp_folder.h"

namespace chatscale {

std::string ReadScenario(const std::string& path) {
  const std::string file = std::string(CHATSCALE_FIXTURES) + "/scenarios/" + path;
  EXPECT_TRUE(std::filesystem::exists(file)) << file;
  return ReadFile(file);
}

}  // namespace chatscale
