// A loopback server for tests that does what its script says, however wrong.
//
//   StubServer server(stub::Answer(R"({"queue":1})"));
//   client.Get(server.url() + "/monitoring/system", {}, absl::Seconds(1));
//   EXPECT_EQ(server.Requests()[0].target, "/monitoring/system");
//
// One thread for each connection; the destructor stops and joins all of them, whatever they do.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/stub_connection.h"

namespace chatscale {

// Answers one request; true keeps the connection open for the next.
using StubBehaviour = std::function<bool(const StubRequest&, StubConnection&)>;

// PEM files. With `client_authority_file` clients must show a certificate.
struct StubTls {
  std::string cert_file;
  std::string key_file;
  std::string client_authority_file;
};

// For what ends far sooner, or fails.
inline constexpr absl::Duration kPlenty = absl::Seconds(20);

class StubServer {
 public:
  explicit StubServer(StubBehaviour behaviour, const std::optional<StubTls>& tls = std::nullopt);
  ~StubServer();
  StubServer(const StubServer&) = delete;
  StubServer& operator=(const StubServer&) = delete;

  int port() const { return port_; }
  // "http://127.0.0.1:port", or https.
  std::string url() const;
  std::vector<StubRequest> Requests() const;
  int Connections() const { return connections_; }

  // For requests that arrive from now on.
  void SetBehaviour(StubBehaviour behaviour);

 private:
  void Accept();
  void Serve(int fd);

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  StubBehaviour behaviour_;
  std::vector<StubRequest> requests_;
  std::vector<std::thread> servants_;  // of the accepting thread until it is joined
  std::thread acceptor_;
};

// A port of loopback where nobody listens.
int ClosedPort();

}  // namespace chatscale
