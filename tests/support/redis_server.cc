#include "tests/support/redis_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

#include "tests/support/free_port.h"

namespace chatscale::testing {
namespace {

constexpr int kNoSuchProgram = 127;

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;

std::string Print(const redisReply* reply) {
  switch (reply->type) {
    case REDIS_REPLY_INTEGER:
      return std::to_string(reply->integer);
    case REDIS_REPLY_NIL:
      return "";
    case REDIS_REPLY_ARRAY: {
      std::string text;
      for (std::size_t i = 0; i < reply->elements; ++i) text += Print(reply->element[i]) + "\n";
      return text;
    }
    default:
      return std::string(reply->str, reply->len);
  }
}

}  // namespace

RedisServer::RedisServer() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "chatscale-redis-XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  socket_path_ = folder_ + "/redis.sock";
  port_ = FreePort();
  Start();
}

RedisServer::~RedisServer() {
  Stop();
  std::filesystem::remove_all(folder_);
}

void RedisServer::Start() {
  const std::string port = std::to_string(port_);
  std::vector<std::string> arguments = {"redis-server",
                                        "--port",
                                        port,
                                        "--bind",
                                        "127.0.0.1",
                                        "--unixsocket",
                                        socket_path_,
                                        "--dir",
                                        folder_,
                                        "--save",
                                        "",
                                        "--appendonly",
                                        "no",
                                        "--logfile",
                                        folder_ + "/log",
                                        "--enable-debug-command",
                                        "yes"};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    // Never outlives the test, however that ends.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    const int null = open("/dev/null", O_RDWR);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execvp(argv[0], argv.data());
    _exit(kNoSuchProgram);
  }
  for (int i = 0; i < 500; ++i) {
    const Context context(redisConnectUnix(socket_path_.c_str()));
    if (context && context->err == 0) return;
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      ASSERT_NE(WEXITSTATUS(status), kNoSuchProgram)
          << "cannot start redis-server: install the Debian package redis-server";
      GTEST_FAIL() << "redis-server ended; its log is " << folder_ << "/log";
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  GTEST_FAIL() << "redis-server did not come up; its log is " << folder_ << "/log";
}

void RedisServer::Stop() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
  std::filesystem::remove(socket_path_);
}

void RedisServer::Pause() { kill(pid_, SIGSTOP); }
void RedisServer::Resume() { kill(pid_, SIGCONT); }

std::string RedisServer::Run(const std::vector<std::string>& arguments) {
  const Context context(redisConnectUnix(socket_path_.c_str()));
  std::vector<const char*> argv;
  std::vector<std::size_t> lengths;
  for (const std::string& argument : arguments) {
    argv.push_back(argument.data());
    lengths.push_back(argument.size());
  }
  auto* reply = static_cast<redisReply*>(
      redisCommandArgv(context.get(), static_cast<int>(argv.size()), argv.data(), lengths.data()));
  if (reply == nullptr) {
    ADD_FAILURE() << arguments[0] << ": " << context->errstr;
    return "";
  }
  std::string text = Print(reply);
  freeReplyObject(reply);
  return text;
}

void RedisServer::Load(std::string_view resp) {
  const Context context(redisConnectUnix(socket_path_.c_str()));
  // An ECHO behind the recording: once it is answered, all of it has been carried out.
  const std::string all = std::string(resp) + "*2\r\n$4\r\nECHO\r\n$13\r\nchatscale-end\r\n";
  std::thread sender([&] {
    for (std::size_t sent = 0; sent < all.size();) {
      const ssize_t n = send(context->fd, all.data() + sent, all.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  });
  while (true) {
    void* reply = nullptr;
    if (redisGetReply(context.get(), &reply) != REDIS_OK) {
      ADD_FAILURE() << "loading: " << context->errstr;
      break;
    }
    const std::string text = Print(static_cast<redisReply*>(reply));
    const bool error = static_cast<redisReply*>(reply)->type == REDIS_REPLY_ERROR;
    freeReplyObject(reply);
    EXPECT_FALSE(error) << "loading: " << text;
    if (text == "chatscale-end") break;
  }
  sender.join();
}

std::vector<std::string> RedisServer::CommandsDuring(const std::function<void()>& work) {
  const Context context(redisConnectUnix(socket_path_.c_str()));
  freeReplyObject(redisCommand(context.get(), "MONITOR"));
  work();
  Run({"ECHO", "chatscale-end"});
  std::vector<std::string> lines;
  while (true) {
    void* reply = nullptr;
    if (redisGetReply(context.get(), &reply) != REDIS_OK) {
      ADD_FAILURE() << "MONITOR: " << context->errstr;
      return lines;
    }
    std::string line = Print(static_cast<redisReply*>(reply));
    freeReplyObject(reply);
    if (line.find("chatscale-end") != std::string::npos) return lines;
    lines.push_back(std::move(line));
  }
}

}  // namespace chatscale::testing
