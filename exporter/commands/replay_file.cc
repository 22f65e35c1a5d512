#include "exporter/commands/replay_file.h"

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "exporter/commands/exit_code.h"

namespace chatscale {

int ReplayFile(const PolicySet& policies, const std::string& file, const ReplayOptions& options) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) {
      std::cerr << "chatscale: " << file << ": cannot be read\n";
      return kUsage;
    }
  }
  const absl::Status replayed =
      Replay(policies, file == "-" ? std::cin : opened, std::cout, options);
  if (replayed.ok()) return EXIT_SUCCESS;
  std::cerr << "chatscale: " << replayed.message() << "\n";
  return kFailed;
}

}  // namespace chatscale
