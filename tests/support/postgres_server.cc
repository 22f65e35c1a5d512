#include "tests/support/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "tests/support/free_port.h"

namespace chatscale::testing {
namespace {

// The folder of initdb and postgres of the newest version installed; empty when there is none.
std::string BinaryFolder() {
  std::string newest;
  std::error_code none;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    if (!std::filesystem::exists(version.path() / "bin/initdb")) continue;
    newest = std::max(newest, (version.path() / "bin").string());
  }
  return newest;
}

// Starts a program that dies with us, silently, and not as root.
pid_t Spawn(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const passwd* nobody = getpwnam("nobody");
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (geteuid() == 0) {
    if (setgroups(0, nullptr) != 0 || setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0) {
      _exit(1);
    }
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = open("/dev/null", O_RDWR);
  dup2(null, STDOUT_FILENO);
  dup2(null, STDERR_FILENO);
  execv(argv[0], argv.data());
  _exit(127);
}

bool Accepts(int port) {
  const std::string address = "host=127.0.0.1 connect_timeout=2 port=" + std::to_string(port);
  return PQping(address.c_str()) == PQPING_OK;
}

}  // namespace

PostgresServer::PostgresServer(int max_connections) { Start(max_connections); }

void PostgresServer::Start(int max_connections) {
  const std::string binaries = BinaryFolder();
  ASSERT_FALSE(binaries.empty())
      << "cannot start PostgreSQL: install the Debian package postgresql";
  std::string pattern = (std::filesystem::temp_directory_path() / "chatscale-pg-XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  const std::string password_file = folder_ + "/password";
  std::ofstream(password_file) << password() << "\n";
  std::filesystem::permissions(folder_, std::filesystem::perms::all);
  const std::string data = folder_ + "/data";
  int status = 0;
  waitpid(Spawn({binaries + "/initdb", "-D", data, "-U", user(), "--pwfile", password_file, "-A",
                 "scram-sha-256", "--no-sync", "--no-instructions"}),
          &status, 0);
  ASSERT_EQ(status, 0) << "initdb failed";
  port_ = FreePort();
  pid_ = Spawn({binaries + "/postgres", "-D", data, "-p", std::to_string(port_), "-k", folder_,
                "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c",
                "max_connections=" + std::to_string(max_connections)});
  for (int i = 0; i < 1000 && !Accepts(port_); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

PostgresServer::~PostgresServer() {
  if (pid_ > 0) {
    kill(pid_, SIGCONT);
    kill(pid_, SIGQUIT);  // immediate shutdown, children included
    waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

void PostgresServer::Pause() { kill(pid_, SIGSTOP); }
void PostgresServer::Resume() { kill(pid_, SIGCONT); }

}  // namespace chatscale::testing
