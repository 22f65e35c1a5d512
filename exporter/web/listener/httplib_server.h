// cpp-httplib from the inside: it listens, parses requests and writes responses, and nothing else.
// Connections are not its own (it would give each a thread). This is the only file that depends on
// its insides; they differ between versions.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "exporter/web/listener/connection_loop.h"
#include "exporter/web/listener/message.h"

namespace chatscale {

struct HttplibHooks {
  std::function<WebResponse(const WebRequest&)> respond;  // what it throws becomes a 500
  std::function<void(const std::string& path, int status)> served;
  std::function<void(int fd)> accepted;  // takes the socket over
};

class HttplibServer {
 public:
  // `keep_alive`: what clients are told of how long an idle connection stays open.
  HttplibServer(HttplibHooks hooks, std::chrono::seconds keep_alive);
  ~HttplibServer();  // stops

  // The port it listens on; 0 asks for any free one. An error names address and reason.
  absl::StatusOr<int> Bind(const std::string& host, int port);
  // Accepts from now on, on a thread of its own.
  void Accept();
  void Stop();  // idempotent

  // One framed request to its answer. Thread-safe.
  Answer Serve(std::string_view framed, const std::string& remote_ip);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The page of an error.
WebResponse StatusPage(int status);

}  // namespace chatscale
