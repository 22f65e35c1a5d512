// A save that is killed at any of its system calls leaves the old content or the new.
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <vector>

#include "exporter/files/files.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

// A process that replaces the file, stopped before it begins.
pid_t Saver(const std::string& path, const std::string& content) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  ::raise(SIGSTOP);
  ::_exit(ReplaceFile(path, content, 0600).ok() ? 0 : 1);
}

// Lets it go to its system call number `last` and kills it there; what it called until then. Fewer
// than `last` when it was done before.
std::vector<std::uint64_t> RunTo(pid_t child, std::size_t last) {
  std::vector<std::uint64_t> calls;
  int status = 0;
  ::waitpid(child, &status, 0);
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  while (calls.size() < last) {
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    ::waitpid(child, &status, 0);
    if (!WIFSTOPPED(status)) return calls;
    __ptrace_syscall_info info{};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info);
    // Stops come in pairs: before a call is made, and after.
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) calls.push_back(info.entry.nr);
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return calls;
}

TEST(ReplaceFile, IsAtomicWhenKilledAtAnySystemCall) {
  const std::string older(100'000, 'a'), newer(150'000, 'b');
  std::set<std::string> seen;
  std::size_t calls = 0;
  while (true) {
    const TempFolder folder;
    const std::string path = folder.Write("state", older);
    const std::vector<std::uint64_t> made = RunTo(Saver(path, newer), ++calls);
    const std::string content = ReadFile(path);
    ASSERT_TRUE(content == older || content == newer) << calls << ": " << content.size();
    seen.insert(content);
    if (made.size() == calls) continue;
    // To the disk before it takes the old one's place.
    const auto synced = std::ranges::find(made, std::uint64_t{SYS_fsync});
    const auto renamed = std::ranges::find_if(made, [](std::uint64_t call) {
#ifdef SYS_rename
      if (call == SYS_rename) return true;
#endif
      return call == SYS_renameat || call == SYS_renameat2;
    });
    EXPECT_TRUE(synced < renamed && renamed != made.end());
    break;
  }
  EXPECT_GT(calls, 5u);
  EXPECT_EQ(seen.size(), 2u);
}

}  // namespace
}  // namespace chatscale
