// A load generator for one HTTP target: keep-alive connections, one thread each.
#pragma once

#include <string>

namespace chatscale {

struct LoadOptions {
  int port = 0;
  std::string path;
  int connections = 2;
  double seconds = 3;
  double rate = 100;  // requests a second in all
};

struct LoadResult {
  double p50_ms = 0, p99_ms = 0;  // from when a request was due, so that a stall is not hidden
  long failures = 0;
};

LoadResult Load(const LoadOptions& options);

}  // namespace chatscale
