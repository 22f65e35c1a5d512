// The HTTP listener: cpp-httplib parses requests and writes responses, ConnectionLoop owns the
// sockets. Routes match whole paths, or their beginning.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "exporter/core/view.h"
#include "exporter/net/tls_server.h"
#include "exporter/web/listener/connection_loop.h"
#include "exporter/web/listener/gatekeeper.h"
#include "exporter/web/listener/message.h"

namespace chatscale {

struct HttpServerOptions {
  std::string host = "0.0.0.0";
  int port = 8090;  // 0: any free one
  ConnectionLoopOptions connections;
  // What a new connection is met with. Empty: HTTP, else HTTPS.
  std::function<std::shared_ptr<const TlsServer>()> tls;
  Gatekeeper* gatekeeper = nullptr;  // null: everybody may. Outlives the server
};

class HttpServer {
 public:
  // Runs on several threads at once. What it throws becomes a 500 without details.
  using Handler = std::function<WebResponse(const WebRequest&)>;

  explicit HttpServer(HttpServerOptions options);
  ~HttpServer();  // stops

  // Before Start. A path that ends in "/*" stands for all that begin so. A GET route answers HEAD
  // as well; a path may have a handler for each method.
  void Get(std::string path, Handler handler);
  // A GET route that is answered first and at once, if its answer is at hand. `at_once` runs on the
  // thread that owns all sockets: it must not block, and gives nullopt where it would; `handler`
  // then runs on a thread that no other route can hold up.
  void GetExpress(std::string path, std::function<std::optional<WebResponse>(bool gzip)> at_once,
                  Handler handler);
  void Post(std::string path, Handler handler);

  // Listens; the port it got. An error names address and reason.
  absl::StatusOr<int> Start();

  // No new connections; answers under way get a short grace. Idempotent.
  void Stop();

  HttpStats Stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chatscale
