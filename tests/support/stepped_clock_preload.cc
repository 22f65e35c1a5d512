// Loaded into the child of a SteppedClock in front of libc: the time of day is the kernel's and
// what the file says. By system calls, as it runs before the sanitizers are ready. libfaketime does
// not get along with them.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

using Ahead = std::atomic<std::int64_t>;  // seconds

const Ahead* Mapped() {
  static const Ahead none{0};
  const char* file = std::getenv("CHATSCALE_CLOCK_AHEAD");
  const int descriptor = file == nullptr ? -1 : ::open(file, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return &none;
  void* page = ::mmap(nullptr, sizeof(Ahead), PROT_READ, MAP_SHARED, descriptor, 0);
  ::close(descriptor);
  return page == MAP_FAILED ? &none : static_cast<const Ahead*>(page);
}

timespec TimeOfDay() {
  static const Ahead* const ahead = Mapped();
  timespec time{};
  ::syscall(SYS_clock_gettime, CLOCK_REALTIME, &time);
  time.tv_sec += ahead->load(std::memory_order_relaxed);
  return time;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) {
    return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  }
  *time = TimeOfDay();
  return 0;
}

int gettimeofday(timeval* time, void*) noexcept {
  const timespec now = TimeOfDay();
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* time) noexcept {
  const time_t now = TimeOfDay().tv_sec;
  if (time != nullptr) *time = now;
  return now;
}

}  // extern "C"
