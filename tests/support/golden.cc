#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/temp_folder.h"

namespace chatscale {

void ExpectGolden(const std::string& path, const std::string& expected) {
  if (std::getenv("CHATSCALE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << expected;
  }
  EXPECT_EQ(ReadFile(path), expected) << path << " is stale: run ./dev docs";
}

}  // namespace chatscale
