#include "bench/load_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

namespace chatscale {
namespace {

using Steady = std::chrono::steady_clock;

struct Tally {
  std::vector<double> milliseconds;
  long failures = 0;
};

int Connect(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

// One request on an open connection; whether it was answered whole.
bool Exchange(int fd, const std::string& request, std::string& buffer) {
  if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) return false;
  std::size_t have = 0, whole = 0;
  while (whole == 0 || have < whole) {
    const ssize_t got = ::recv(fd, buffer.data() + have, buffer.size() - have, 0);
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
    if (whole != 0) continue;
    const std::string_view text(buffer.data(), have);
    const auto end = text.find("\r\n\r\n");
    if (end == text.npos) continue;
    const auto length = text.find("Content-Length: ");
    if (length == text.npos || text.substr(9, 3) != "200") return false;
    whole = end + 4 + std::strtoul(text.data() + length + 16, nullptr, 10);
  }
  return true;
}

void Drive(const LoadOptions& options, Tally& tally) {
  const std::string request = "GET " + options.path + " HTTP/1.1\r\nHost: bench\r\n\r\n";
  std::string buffer(8 << 20, '\0');
  const auto end = Steady::now() + std::chrono::duration<double>(options.seconds);
  const std::chrono::duration<double> step(options.connections / options.rate);
  int fd = Connect(options.port);
  auto due = Steady::now();
  while (due < end && Steady::now() < end) {
    std::this_thread::sleep_until(due);
    if (fd < 0 || !Exchange(fd, request, buffer)) {
      ++tally.failures;
      if (fd >= 0) ::close(fd);
      fd = Connect(options.port);
    } else {
      tally.milliseconds.push_back(
          std::chrono::duration<double, std::milli>(Steady::now() - due).count());
    }
    due += std::chrono::duration_cast<Steady::duration>(step);
  }
  if (fd >= 0) ::close(fd);
}

double Quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(q * double(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace

LoadResult Load(const LoadOptions& options) {
  std::vector<Tally> tallies(static_cast<std::size_t>(options.connections));
  {
    std::vector<std::jthread> threads;
    for (Tally& tally : tallies) threads.emplace_back([&] { Drive(options, tally); });
  }
  Tally all;
  for (const Tally& tally : tallies) {
    all.failures += tally.failures;
    all.milliseconds.insert(all.milliseconds.end(), tally.milliseconds.begin(),
                            tally.milliseconds.end());
  }
  return {.p50_ms = Quantile(all.milliseconds, 0.5),
          .p99_ms = Quantile(all.milliseconds, 0.99),
          .failures = all.failures};
}

}  // namespace chatscale
