#include "tests/support/stepped_clock.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>

namespace chatscale {

SteppedClock::SteppedClock() : file_(folder_.Path("ahead")) { Set(absl::ZeroDuration()); }

// In place: the child has the file mapped.
void SteppedClock::Set(absl::Duration ahead) {
  const std::int64_t seconds = absl::ToInt64Seconds(ahead);
  std::FILE* file = std::fopen(file_.c_str(), "r+");
  if (file == nullptr) file = std::fopen(file_.c_str(), "w");
  ASSERT_NE(file, nullptr) << file_;
  EXPECT_EQ(std::fwrite(&seconds, sizeof seconds, 1, file), 1U);
  EXPECT_EQ(std::fclose(file), 0);
}

std::vector<std::pair<std::string, std::string>> SteppedClock::Environment() const {
  return {{"LD_PRELOAD", CHATSCALE_CLOCK_PRELOAD}, {"CHATSCALE_CLOCK_AHEAD", file_}};
}

}  // namespace chatscale
