// A TCP proxy before a real server on loopback, that spoils what passes: the same faults for every
// protocol.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace chatscale {

enum class WireFault {
  kNone,
  kRefused,    // nobody listens
  kHanging,    // takes everything, answers nothing
  kSlow,       // a byte now and then
  kHalf,       // closes after the first bytes of the answer
  kWrong,      // answers in another protocol
  kHuge,       // begins an answer without end
  kRestarted,  // all connections break; new ones are served
};

const char* NameOf(WireFault fault);

class FaultyProxy {
 public:
  // `huge`: how an endless answer begins in the server's protocol; it goes on with 'x'.
  FaultyProxy(int server_port, std::string huge);
  ~FaultyProxy();
  FaultyProxy(const FaultyProxy&) = delete;
  FaultyProxy& operator=(const FaultyProxy&) = delete;

  int port() const { return port_; }
  // Breaks the connections that there are.
  void Set(WireFault fault);

 private:
  void Bind();
  void Accept();
  void Serve(int client);
  bool Pass(int from, int to, bool answer) const;

  const int server_port_;
  const std::string huge_;
  int port_ = 0;
  int listener_ = -1;
  bool listening_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<WireFault> fault_ = WireFault::kNone;
  std::atomic<int> epoch_ = 0;  // connections of an earlier one end
  std::mutex mutex_;
  std::vector<std::thread> servants_;
  std::thread acceptor_;
};

}  // namespace chatscale
