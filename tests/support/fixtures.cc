#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace chatscale {

std::string ReadScenario(const std::string& path) {
  const std::string text = ReadFile(std::string(CHATSCALE_FIXTURES) + "/scenarios/" + path);
  EXPECT_NE(text, "") << path;
  return text;
}

}  // namespace chatscale
