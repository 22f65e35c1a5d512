// Process: operating system services of the daemon.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "exporter/files/log.h"

namespace chatscale {

// Exit codes, besides EXIT_SUCCESS.

inline constexpr int kFailed = 1;  // at run time
inline constexpr int kUsage = 2;   // usage or configuration

// Time for all threads to end, and then for the state to be saved.
inline constexpr absl::Duration kStopGrace = absl::Seconds(3);
inline constexpr absl::Duration kSaveGrace = absl::Milliseconds(1500);

// Exits without waiting for hanging threads.
[[noreturn]] inline void ExitAtOnce(int code) {
  FlushLog();
  std::_Exit(code);
}

// Blocks SIGTERM, SIGINT and SIGHUP in this thread and in threads it starts, for WaitForSignal;
// ignores SIGPIPE.
void BlockSignals();

// Unblocks SIGTERM and SIGINT until the next BlockSignals, so that they end the process at once:
// nothing is served yet, and reading the first files may hang.
void LetSignalsEndUs();

// Logs once when `step` takes longer than ten seconds: a disk may hang before anything is served.
class SlowStep {
 public:
  explicit SlowStep(std::string step);
  ~SlowStep();
  SlowStep(const SlowStep&) = delete;
  SlowStep& operator=(const SlowStep&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::optional<std::thread> thread_;
};

// Waits for one of the blocked signals; its name, or "" after `timeout`.
std::string WaitForSignal(absl::Duration timeout);

// Makes malloc return large responses to the system after use. Call before any thread starts.
void ReturnMemoryEarly();

// Raises the limit of open files to the maximum; each client is one. Returns it; 0: unknown.
std::size_t RaiseDescriptorLimit();

// Number of threads that RLIMIT_NPROC and pids.max of the control group (version 2) allow; each
// client is one. 0: no limit is known.
std::size_t ThreadLimit();

}  // namespace chatscale
