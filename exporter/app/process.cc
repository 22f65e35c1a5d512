#include "exporter/app/process.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <string_view>
#include <utility>

#include "exporter/model/try_thread.h"

namespace chatscale {

namespace {

sigset_t OurSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

void BlockSignals() {
  const sigset_t set = OurSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void LetSignalsEndUs() {
  sigset_t set = OurSignals();
  sigdelset(&set, SIGHUP);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

std::string WaitForSignal(absl::Duration timeout) {
  const sigset_t set = OurSignals();
  const timespec limit = absl::ToTimespec(timeout);
  switch (sigtimedwait(&set, nullptr, &limit)) {
    case SIGHUP:
      return "SIGHUP";
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    default:
      return "";
  }
}

void ReturnMemoryEarly() {
#ifdef __GLIBC__
  // Otherwise glibc raises the mmap threshold with each freed large block, and each thread's arena
  // keeps its peak size.
  ::mallopt(M_MMAP_THRESHOLD, 128 << 10);
  ::mallopt(M_ARENA_MAX, 2);
  // Keeps the memory that each collection cycle needs again.
  ::mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

std::size_t RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

SlowStep::SlowStep(std::string step)
    : thread_(TryThread([this, step = std::move(step)] {
        std::unique_lock lock(mutex_);
        if (changed_.wait_for(lock, std::chrono::seconds(10), [this] { return done_; })) return;
        Log(LogLevel::kError, "the start takes long: a disk may hang", {{"step", step}});
      })) {}

SlowStep::~SlowStep() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
    changed_.notify_all();
  }
  if (thread_) thread_->join();
}

std::size_t ThreadLimit() {
  std::size_t least = 0;
  const auto limit_to = [&least](std::size_t limit) {
    if (least == 0 || limit < least) least = limit;
  };
  rlimit limit{};
  if (::geteuid() != 0 && ::getrlimit(RLIMIT_NPROC, &limit) == 0 &&
      limit.rlim_cur != RLIM_INFINITY) {
    limit_to(limit.rlim_cur);
  }
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    constexpr std::string_view kVersion2 = "0::";
    if (!line.starts_with(kVersion2)) continue;
    std::ifstream file("/sys/fs/cgroup" + line.substr(kVersion2.size()) + "/pids.max");
    std::size_t most = 0;
    if (file >> most) limit_to(most);  // else "max"
  }
  return least;
}

}  // namespace chatscale
