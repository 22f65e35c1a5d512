#include "tests/support/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "absl/time/clock.h"

namespace chatscale {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> argv,
                           std::vector<std::pair<std::string, std::string>> environment) {
  std::vector<std::string> variables;
  // Before what is inherited: the first of a name counts.
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  for (const char* name : {"PATH", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) variables.push_back(std::string(name) + "=" + value);
  }
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  constexpr int kWrite = O_WRONLY | O_CREAT | O_APPEND;
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, folder_.Path("out").c_str(), kWrite, 0600);
  posix_spawn_file_actions_addopen(&files, 2, folder_.Path("err").c_str(), kWrite, 0600);
  if (::posix_spawnp(&pid_, argv.front().c_str(), &files, nullptr, Pointers(argv).data(),
                     Pointers(variables).data()) != 0) {
    pid_ = -1;
  }
  posix_spawn_file_actions_destroy(&files);
}

ChildProcess::~ChildProcess() {
  if (Wait(absl::ZeroDuration())) return;
  Signal(SIGKILL);
  Wait(absl::Seconds(10));
}

bool ChildProcess::WaitFor(const std::string& text, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (true) {
    const bool ended = Wait(absl::ZeroDuration()).has_value();
    if (Err().find(text) != std::string::npos || Out().find(text) != std::string::npos) return true;
    if (ended || absl::Now() >= deadline) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
}

void ChildProcess::Signal(int signal) {
  if (pid_ > 0 && !ended_) ::kill(pid_, signal);
}

std::optional<int> ChildProcess::Wait(absl::Duration timeout) {
  if (pid_ <= 0) return -1;
  const absl::Time deadline = absl::Now() + timeout;
  while (!ended_) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else if (absl::Now() >= deadline) {
      return std::nullopt;
    } else {
      absl::SleepFor(absl::Milliseconds(5));
    }
  }
  return ended_;
}

Ran RunProgram(std::vector<std::string> argv,
               std::vector<std::pair<std::string, std::string>> environment) {
  ChildProcess child(std::move(argv), std::move(environment));
  const std::optional<int> code = child.Wait(absl::Minutes(1));
  return {code.value_or(-1), child.Out(), child.Err()};
}

std::string ProgramOf(const std::string& name, const std::string& package) {
  std::stringstream folders(std::string(std::getenv("PATH")) + ":/usr/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string path = folder + "/" + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  ADD_FAILURE() << name << " is missing: install the Debian package " << package;
  return name;
}

}  // namespace chatscale
