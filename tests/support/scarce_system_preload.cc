// Loaded into a program in front of libc: no thread is made while the file "threads" is there, and
// no connection accepted while "accept" is, in the folder that CHATSCALE_SCARCE names.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace {

bool Scarce(const char* what) {
  char path[4096] = "";
  const char* folder = std::getenv("CHATSCALE_SCARCE");
  if (folder == nullptr || std::strlen(folder) + std::strlen(what) >= sizeof path) return false;
  std::strcat(std::strcpy(path, folder), what);
  return ::syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

}  // namespace

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*run)(void*), void* argument) {
  static const auto next =
      reinterpret_cast<decltype(&pthread_create)>(::dlsym(RTLD_NEXT, "pthread_create"));
  return Scarce("/threads") ? EAGAIN : next(thread, attributes, run, argument);
}

extern "C" int accept4(int listener, sockaddr* address, socklen_t* length, int flags) {
  static std::atomic<unsigned> calls{0};
  if (!Scarce("/accept")) {
    return static_cast<int>(::syscall(SYS_accept4, listener, address, length, flags));
  }
  const int errors[] = {ENFILE, ECONNABORTED, ENOMEM, EPROTO};
  errno = errors[calls++ % 4];
  return -1;
}
