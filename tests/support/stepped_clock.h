// A time of day that a test sets for one child process. Preloaded there: what asks for the time is
// told ours; what counts elapsed time is left alone, as the kernel does when its clock is set.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tests/support/temp_folder.h"

namespace chatscale {

class SteppedClock {
 public:
  SteppedClock();

  // How far the child's clock is ahead of the machine's; negative: behind.
  void Set(absl::Duration ahead);
  // What the child is started with.
  std::vector<std::pair<std::string, std::string>> Environment() const;

 private:
  TempFolder folder_;
  const std::string file_;
};

}  // namespace chatscale
