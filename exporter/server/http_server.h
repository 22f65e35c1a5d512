// HTTP server: cpp-httplib binds, parses, routes and writes; each connection has a thread and an
// entry in a ConnectionTable, and handlers run through a RequestGate.
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
  // Callback: the TLS settings of a new connection. Empty: HTTP, else HTTPS.
  std::function<std::shared_ptr<const TlsServer>()> tls = {};
  Authenticator* authenticator = nullptr;  // null: no authentication. Outlives the server
  std::size_t max_connections = 512;
  std::size_t max_unsent_bytes = 16UL << 20;  // of responses that clients do not read
  ConnectionDeadlines deadlines = {};
  std::chrono::milliseconds stop_grace{2'000};  // for responses in progress
  RequestGateLimits gate = {};
  std::shared_ptr<SelfMetrics> self = std::make_shared<SelfMetrics>();
};

// The RequestGate of a route.
enum class RouteGate {
  kProbe,   // none; needs no authentication
  kScrape,  // none
  kShared,  // the gate of all other requests
  kLong,    // the gate of exports and reloads, which may wait for receivers and disks
};

class HttpServer {
 public:
  // Called on several threads concurrently. An exception becomes a 500 without details.
  using Handler = std::function<WebResponse(const WebRequest&)>;

  explicit HttpServer(HttpServerOptions options);
  ~HttpServer();  // stops, and waits for all handlers

  // Before Start. A GET path that ends in "/*" matches all paths with that prefix and at most 300
  // bytes more. A GET route serves HEAD as well; a path may have a handler for each method. No
  // request body is read.
  void Get(const std::string& path, Handler handler, RouteGate kind = RouteGate::kShared);
  void Post(const std::string& path, Handler handler, RouteGate kind = RouteGate::kShared);

  // Listens; returns the port. An error has the address and the reason.
  absl::StatusOr<int> Start();

  // Accepts no new connections; responses in progress get `stop_grace`. False: a handler still
  // runs, and what it uses must not be destroyed. Idempotent.
  bool Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chatscale
