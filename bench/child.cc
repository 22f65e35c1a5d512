#include "bench/child.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace chatscale {

Child::Child(const std::vector<std::string>& argv, const std::vector<std::string>& environment) {
  std::fflush(stdout);
  pid_ = fork();
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (std::freopen("/dev/null", "w", stdout) == nullptr) _exit(1);
  for (const std::string& variable : environment) putenv(const_cast<char*>(variable.c_str()));
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(1);
}

Child::~Child() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

double Child::CpuMs() const {
  clockid_t clock{};
  timespec time{};
  clock_getcpuclockid(pid_, &clock);
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double Child::StatusMb(const std::string& name) const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  std::string word;
  while (status >> word) {
    double kib = 0;
    if (word == name && status >> kib) return kib * 1024 / 1e6;
  }
  return 0;
}

std::string OutputOf(const std::string& command) {
  std::string text;
  std::array<char, 4096> buffer{};
  FILE* pipe = popen(command.c_str(), "r");
  while (const std::size_t got = fread(buffer.data(), 1, buffer.size(), pipe)) {
    text.append(buffer.data(), got);
  }
  pclose(pipe);
  return text;
}

void Require(const std::string& program, const std::string& package) {
  if (!OutputOf("PATH=$PATH:/usr/sbin command -v " + program).empty()) return;
  std::fprintf(stderr, "no %s: install the Debian package %s\n", program.c_str(), package.c_str());
  std::exit(1);
}

}  // namespace chatscale
