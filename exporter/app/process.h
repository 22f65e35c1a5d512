// What a daemon asks of the operating system.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "exporter/log/log.h"

namespace chatscale {

// What the program's end tells its caller, besides EXIT_SUCCESS.

inline constexpr int kFailed = 1;  // at run time
inline constexpr int kUsage = 2;   // usage or configuration

// For all threads that are to end, and then for the state to be saved.
inline constexpr absl::Duration kStopGrace = absl::Seconds(3);
inline constexpr absl::Duration kSaveGrace = absl::Milliseconds(1500);

// Without waiting for threads that hang.
[[noreturn]] inline void ExitAtOnce(int code) {
  FlushLog();
  std::_Exit(code);
}

// Blocks SIGTERM, SIGINT and SIGHUP in this thread and those it starts, for WaitForSignal; ignores
// SIGPIPE.
void BlockSignals();

// Until BlockSignals is called again, SIGTERM and SIGINT end the process at once: nothing is served
// yet, and what reads the first files may hang.
void LetSignalsEndUs();

// Logs once that `step` takes longer than ten seconds: a disk may hang, and nothing is served yet.
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

// Waits for one of them; its name, or "" when none came within `patience`.
std::string WaitForSignal(absl::Duration patience);

// Large answers go back to the system once they are sent. Before any thread is started.
void ReturnMemoryEarly();

// As many open files as the system allows: every client is one. How many that is; 0: not known.
std::size_t RaiseDescriptorLimit();

// Threads that the limits on processes allow: RLIMIT_NPROC, and pids.max of the control group
// (version 2). Every client is one. 0: no limit is known.
std::size_t ThreadLimit();

}  // namespace chatscale
