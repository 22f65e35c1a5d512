// One connection to Redis, and pipelines of commands with one deadline for all of a pipeline.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "exporter/net/socket.h"
#include "exporter/net/tls_session.h"
#include "exporter/redis/wire/redis_url.h"
#include "exporter/redis/wire/reply.h"
#include "exporter/redis/wire/reply_filter.h"

struct redisReader;

namespace chatscale::redis {

// A batch of commands, encoded in RESP. Arguments are binary-safe.
class Pipeline {
 public:
  void Add(std::initializer_list<std::string_view> arguments) {
    Add(std::span<const std::string_view>(arguments.begin(), arguments.size()));
  }
  void Add(std::span<const std::string_view> arguments);

  std::size_t size() const { return size_; }  // commands
  bool empty() const { return size_ == 0; }
  // Longer strings in the replies arrive as an error reply; 0: the connection's own bound.
  std::size_t max_bulk_bytes = 0;
  std::size_t max_batch_bytes = 0;  // likewise, of all replies together
  std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::size_t size_ = 0;
};

using Deadline = Socket::Deadline;

struct ConnectionOptions {
  Address address;
  std::string password_file;  // overrides the URL's password; read again at every connect
  std::string ca_file;        // PEM; replaces the system's authorities; for rediss://
  std::size_t max_bulk_bytes = 1 << 20;  // longer strings arrive as an error reply, kTooLarge
  // Of the replies to one pipeline, without the longer strings; above: kTooLarge.
  std::size_t max_batch_bytes = 64UL << 20;
  std::chrono::milliseconds backoff_first{100};  // doubles with every failed connect
  std::chrono::milliseconds backoff_last{2000};
};

// Traffic since the connection object was made.
struct Traffic {
  std::uint64_t round_trips = 0;
  std::uint64_t commands = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t elements_received = 0;  // of arrays
  std::uint64_t connects = 0;
};

//   closed --Run--> connect, TLS, AUTH, SELECT --> open --any error or timeout--> closed
//
// After any error the connection is closed, so a late reply cannot be taken for another command's.
// The next Run reconnects; within the backoff after a failed connect it returns that failure again.
// If the server closed the connection between two Runs, Run retries once. Single-threaded.
class Connection {
 public:
  explicit Connection(ConnectionOptions options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Sends the pipeline and returns exactly one reply per command, in order; error replies are
  // replies. Errors: kConnect, kTimeout, kTls, kAuth, kLoading, kProtocol, kTooLarge; `partial`
  // then gets the replies that arrived.
  absl::StatusOr<std::vector<Reply>> Run(const Pipeline& pipeline, Deadline deadline,
                                         std::vector<Reply>* partial = nullptr);

  // Connects if closed, without a command.
  absl::Status Open(Deadline deadline);
  // Adds the traffic of the connection that this one replaces.
  void CountAlso(const Traffic& before);

  const Traffic& traffic() const { return traffic_; }
  const Address& address() const { return options_.address; }
  bool is_open() const { return socket_.has_value(); }
  void Close();

 private:
  absl::Status Connect(Deadline deadline);
  absl::Status Reach(const std::string& address, Deadline deadline);
  absl::Status TlsHandshake(Deadline deadline);
  absl::Status Login(Deadline deadline);  // AUTH and SELECT
  absl::StatusOr<std::vector<Reply>> Exchange(const Pipeline& pipeline, Deadline deadline,
                                              std::vector<Reply>* partial);
  absl::Status Exchange(const Pipeline& pipeline, Deadline deadline, std::vector<Reply>& replies);
  absl::Status Send(std::string_view& unsent);
  absl::Status Receive(std::vector<Reply>& replies, const Pipeline& pipeline,
                       std::size_t& received);
  absl::StatusOr<short> Await(short events, Deadline deadline) const;
  absl::Status Ended() const;
  absl::Status Fail(ErrorKind kind, std::string_view what) const;

  struct FreeReader {
    void operator()(redisReader* reader) const;
  };

  ConnectionOptions options_;
  NameLookup lookup_;
  std::optional<Socket> socket_;  // nullopt: closed
  std::unique_ptr<redisReader, FreeReader> reader_;
  std::unique_ptr<TlsSession> tls_;  // null without TLS
  ReplyFilter filter_;
  std::chrono::milliseconds backoff_{0};
  Deadline not_before_{};  // of the next connect
  absl::Status last_failure_;
  Traffic traffic_;
  std::string password_;  // of the last login
};

}  // namespace chatscale::redis
