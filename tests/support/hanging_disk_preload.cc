// Loaded into a program in front of libc: fsync hangs as long as the file that CHATSCALE_DISK_HANGS
// names is there. By system calls, as it runs before the sanitizers are ready.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

extern "C" int fsync(int fd) {
  const char* file = std::getenv("CHATSCALE_DISK_HANGS");
  const timespec pause = {.tv_sec = 0, .tv_nsec = 10'000'000};
  while (file != nullptr && ::syscall(SYS_faccessat, AT_FDCWD, file, F_OK) == 0) {
    ::syscall(SYS_nanosleep, &pause, nullptr);
  }
  return static_cast<int>(::syscall(SYS_fsync, fd));
}
