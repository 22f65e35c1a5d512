// A program that a test starts and always ends.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tests/support/temp_folder.h"

namespace chatscale {

class ChildProcess {
 public:
  // Environment variables are added to PATH, HOME and what the sanitizers read; nothing else is
  // inherited. Not started when the program is missing: see started().
  ChildProcess(std::vector<std::string> argv,
               std::vector<std::pair<std::string, std::string>> environment = {});
  ~ChildProcess();  // kills
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  bool started() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  // Standard output and error so far.
  std::string Out() const { return ReadFile(folder_.Path("out")); }
  std::string Err() const { return ReadFile(folder_.Path("err")); }
  // Waits until Out or Err contains `text`; false when it ends or `timeout` is over before.
  bool WaitFor(const std::string& text, absl::Duration timeout = absl::Seconds(30));

  void Signal(int signal);
  // The exit code, 128 + signal when killed by one; nullopt when it is still running.
  std::optional<int> Wait(absl::Duration timeout = absl::Seconds(30));

 private:
  TempFolder folder_;
  pid_t pid_ = -1;
  std::optional<int> ended_;
};

struct Ran {
  int code = -1;
  std::string out, err;
};

// Runs to the end, at most a minute.
Ran RunProgram(std::vector<std::string> argv,
               std::vector<std::pair<std::string, std::string>> environment = {});

// The path of a program on PATH or in /usr/sbin; fails the test, naming the Debian package, when
// there is none.
std::string ProgramOf(const std::string& name, const std::string& package);

}  // namespace chatscale
