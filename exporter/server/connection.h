// State of a client's connection, shared by its thread, the table and the gates.
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
  std::chrono::milliseconds read{5'000};    // for the handshake and the request head together
  std::chrono::milliseconds write{10'000};  // for a response
  std::chrono::milliseconds idle{75'000};   // between two requests
};

// Trust in a connection. When the table is full, the lowest class is evicted first.
enum class ConnectionClass {
  kHandshaking,  // the TLS handshake is not complete
  kUnauthenticated,
  kTrusted,  // got a 200 from a route that needs authentication where it is configured
};

enum class ConnectionStage {
  kReading,   // a request, or idle between two
  kWaiting,   // at a RequestGate
  kHandling,  // a handler makes the response; evicted after it
  kWriting,   // the client reads more slowly than we write
};

struct Connection {
  using Time = std::chrono::steady_clock::time_point;

  // Of an accepted socket.
  explicit Connection(int socket);

  const int fd;
  const std::string address;  // numeric; "" when unknown
  // What one customer gets: the /64 of an IPv6 address, else the address. Limits are by network.
  const std::string network;

  std::atomic<bool> evicted{false};
  std::atomic<Time> active{std::chrono::steady_clock::now()};  // last byte moved
  std::condition_variable wake;                                // while waiting at a gate

  // Guarded by the table's mutex.
  ConnectionClass rank = ConnectionClass::kUnauthenticated;
  ConnectionStage stage = ConnectionStage::kReading;
  std::map<std::pair<std::string, ConnectionClass>, std::size_t>::iterator
      peers;                                  // connections of its network and class
  bool refused = false;                       // the last response was not 200
  std::shared_ptr<const std::string> unsent;  // body that the client has not read
};

}  // namespace chatscale
