#include "tests/support/redis_server.h"

#include <gtest/gtest.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "tests/support/free_port.h"

namespace chatscale {
namespace {

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

RedisServer::RedisServer(std::vector<std::string> more_arguments)
    : port_(FreePort()), more_arguments_(std::move(more_arguments)) {
  Start();
}

void RedisServer::Start() {
  const std::string program = ProgramOf("redis-server", "redis-server");
  if (program.empty()) return;
  // Never outlives the test, however that ends.
  std::vector<std::string> command = {"setpriv",
                                      "--pdeathsig",
                                      "KILL",
                                      program,
                                      "--port",
                                      std::to_string(port_),
                                      "--bind",
                                      "127.0.0.1",
                                      "--unixsocket",
                                      socket_path_,
                                      "--dir",
                                      folder_.Path(""),
                                      "--save",
                                      "",
                                      "--appendonly",
                                      "no",
                                      "--enable-debug-command",
                                      "yes"};
  command.insert(command.end(), more_arguments_.begin(), more_arguments_.end());
  process_.emplace(std::move(command));
  // It says so first of its port, and of its socket in words that differ between versions.
  const bool listens = process_->WaitFor("eady to accept connections");
  for (int tries = 0; listens && tries < 1000; ++tries) {
    const Context context(redisConnectUnix(socket_path_.c_str()));
    if (context->err == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ADD_FAILURE() << "redis-server does not listen: " << process_->Out();
}

void RedisServer::Stop() {
  process_.reset();
  std::filesystem::remove(socket_path_);
}

void RedisServer::Pause() { process_->Signal(SIGSTOP); }
void RedisServer::Resume() { process_->Signal(SIGCONT); }

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

}  // namespace chatscale
