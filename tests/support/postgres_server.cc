#include "tests/support/postgres_server.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "absl/time/clock.h"
#include "tests/support/free_port.h"

namespace chatscale {
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

// Dies with us, and does not run as root.
std::vector<std::string> Guarded(std::vector<std::string> command) {
  std::vector<std::string> guard = {"setpriv", "--pdeathsig", "KILL"};
  if (geteuid() == 0) {
    for (const char* option : {"--reuid=nobody", "--regid=nogroup", "--clear-groups"}) {
      guard.emplace_back(option);
    }
  }
  guard.insert(guard.end(), command.begin(), command.end());
  return guard;
}

bool Accepts(int port) {
  const std::string address = "host=127.0.0.1 connect_timeout=2 port=" + std::to_string(port);
  return PQping(address.c_str()) == PQPING_OK;
}

}  // namespace

PostgresServer::PostgresServer(int max_connections) : port_(FreePort()) { Start(max_connections); }

void PostgresServer::Start(int max_connections) {
  const std::string binaries = BinaryFolder();
  ASSERT_FALSE(binaries.empty()) << "no PostgreSQL: install the Debian package postgresql";
  const std::string home = folder_.Path("");
  std::filesystem::permissions(home, std::filesystem::perms::all);
  const std::string password_file = folder_.Write("password", std::string(password()) + "\n");
  std::filesystem::permissions(password_file, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  const std::string data = folder_.Path("data");
  const Ran made =
      RunProgram(Guarded({binaries + "/initdb", "-D", data, "-U", user(), "--pwfile", password_file,
                          "-A", "scram-sha-256", "--no-sync", "--no-instructions"}));
  ASSERT_EQ(made.code, 0) << made.err;
  process_.emplace(Guarded({binaries + "/postgres", "-D", data, "-p", std::to_string(port_), "-k",
                            home, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c",
                            "max_connections=" + std::to_string(max_connections)}));
  for (int i = 0; i < 3000 && !Accepts(port_); ++i) absl::SleepFor(absl::Milliseconds(10));
}

PostgresServer::~PostgresServer() {
  if (!process_) return;
  Resume();
  process_->Signal(SIGQUIT);  // ends at once, its children too
  process_->Wait();
}

void PostgresServer::Pause() { process_->Signal(SIGSTOP); }
void PostgresServer::Resume() { process_->Signal(SIGCONT); }

}  // namespace chatscale
