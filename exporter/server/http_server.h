// The HTTP server: cpp-httplib binds, parses, routes and writes; each connection has a thread and a
// place in a ConnectionTable, and handlers run through a RequestGate.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "exporter/metrics/self_metrics.h"
#include "exporter/server/connection.h"
#include "exporter/server/message.h"
#include "exporter/server/request_gate.h"
#include "exporter/server/tls_server.h"

namespace chatscale {

struct HttpServerOptions {
  std::string host = "0.0.0.0";
  int port = 8090;  // 0: any free one
  // What a new connection is met with. Empty: HTTP, else HTTPS.
  std::function<std::shared_ptr<const TlsServer>()> tls = {};
  Authenticator* authenticator = nullptr;  // null: everybody may. Outlives the server
  std::size_t max_connections = 512;
  std::size_t max_unsent_bytes = 64UL << 20;  // of responses that clients do not read
  ConnectionDeadlines deadlines = {};
  std::chrono::milliseconds stop_grace{2'000};  // for responses under way
  RequestGateLimits gate = {};
  std::shared_ptr<SelfMetrics> self = std::make_shared<SelfMetrics>();
};

// What a request waits for.
enum class Lane {
  kProbe,   // nothing; open to everybody
  kScrape,  // nothing
  kShared,  // a turn among all other requests
  kExport,  // a turn among requests that take long
};

class HttpServer {
 public:
  // Runs on several threads at once. What it throws becomes a 500 without details.
  using Handler = std::function<WebResponse(const WebRequest&)>;

  explicit HttpServer(HttpServerOptions options);
  ~HttpServer();  // stops, and waits for all handlers

  // Before Start. A GET path that ends in "/*" stands for all that begin so and are not much
  // longer. A GET route answers HEAD as well; a path may have a handler for each method. No request
  // body is read.
  void Get(const std::string& path, Handler handler, Lane lane = Lane::kShared);
  void Post(const std::string& path, Handler handler, Lane lane = Lane::kShared);

  // Listens; the port it got. An error names address and reason.
  absl::StatusOr<int> Start();

  // No new connections; responses under way get a short grace. False: a handler still runs, and
  // what it uses must stay. Idempotent.
  bool Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chatscale
