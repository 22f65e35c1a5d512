#include "exporter/net/name_lookup.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "exporter/model/error_kind.h"

namespace chatscale {
namespace {

using Names = std::vector<std::string>;

}  // namespace

bool IsNumericAddress(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  return inet_pton(AF_INET, host.c_str(), binary.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), binary.data()) == 1;
}

absl::Status NameLookup::SystemResolver(const std::string& host, Names& addresses) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return KindError(ErrorKind::kConnect, std::string(gai_strerror(error)));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text;
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text.data());
    }
  }
  if (addresses.empty()) return KindError(ErrorKind::kConnect, "the name has no address");
  return absl::OkStatus();
}

struct NameLookup::Pending {
  std::mutex mutex;
  std::condition_variable done;
  bool ended = false;
  absl::Status status;
  Names addresses;
};

absl::StatusOr<Names> NameLookup::Addresses(std::chrono::steady_clock::time_point deadline) {
  if (IsNumericAddress(host_)) return Names{host_};
  if (pending_ == nullptr) {
    pending_ = std::make_shared<Pending>();
    // Detached: nothing can end a lookup that hangs, and nobody should wait for it.
    std::thread([pending = pending_, host = host_, resolver = resolver_] {
      Names addresses;
      absl::Status status = resolver(host, addresses);
      const std::lock_guard lock(pending->mutex);
      pending->status = std::move(status);
      pending->addresses = std::move(addresses);
      pending->ended = true;
      pending->done.notify_all();
    }).detach();
  }
  std::unique_lock lock(pending_->mutex);
  if (!pending_->done.wait_until(lock, deadline, [this] { return pending_->ended; })) {
    return KindError(ErrorKind::kTimeout, "looking up the server's name took too long");
  }
  lock.unlock();
  const std::shared_ptr<Pending> ended = std::move(pending_);
  if (!ended->status.ok()) return ended->status;
  return std::move(ended->addresses);
}

}  // namespace chatscale
