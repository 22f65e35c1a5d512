// A client's connection as its thread, the table and the gates see it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace chatscale {

struct ConnectionDeadlines {
  std::chrono::milliseconds read{5'000};    // for the handshake and the head together
  std::chrono::milliseconds write{10'000};  // for a response
  std::chrono::milliseconds idle{75'000};   // between two requests
};

// How much a connection has proved. When the table is full, the lowest class gives way first.
enum class ConnectionClass {
  kHandshaking,  // the TLS handshake is not complete
  kStranger,
  kKnown,  // was answered 200 by a route that is not open to everybody
};

enum class ConnectionStage {
  kReading,   // a request, or idle between two
  kWaiting,   // for its turn
  kHandling,  // a handler makes the response; never evicted
  kWriting,   // the client does not read as fast as we write
};

struct Connection {
  using Time = std::chrono::steady_clock::time_point;

  Connection(int socket, std::string remote) : fd(socket), address(std::move(remote)) {}

  const int fd;
  const std::string address;  // numeric; "" when unknown

  std::atomic<bool> evicted{false};
  std::atomic<Time> active{std::chrono::steady_clock::now()};  // last byte moved
  std::condition_variable wake;                                // while waiting for a turn

  // Guarded by the table.
  ConnectionClass rank = ConnectionClass::kStranger;
  ConnectionStage stage = ConnectionStage::kReading;
  std::map<std::string, std::size_t>::iterator network;  // and how many connections it has
  bool answered_well = false;                            // the last response was 200
  std::shared_ptr<const std::string> unsent;             // body that the client has not read
};

}  // namespace chatscale
