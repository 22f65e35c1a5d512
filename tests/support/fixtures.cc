#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace chatscale {

std::string ReadScenario(const std::string& path) {
  std::ifstream file(std::string(CHATSCALE_FIXTURES) + "/scenarios/" + path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace chatscale
