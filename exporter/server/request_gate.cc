#include "exporter/server/request_gate.h"

#include <poll.h>

#include <algorithm>

namespace chatscale {
namespace {

using SteadyClock = std::chrono::steady_clock;

bool HasGone(const Connection& connection) {
  pollfd client{.fd = connection.fd, .events = POLLRDHUP, .revents = 0};
  return connection.evicted || (::poll(&client, 1, 0) > 0 && client.revents != 0);
}

}  // namespace

bool RequestGate::Full(const Connection& connection) const {
  const auto of_network = std::ranges::count_if(waiting_, [&](const Waiter* waiter) {
    return waiter->connection->network == connection.network;
  });
  return waiting_.size() >= limits_.waiting ||
         static_cast<std::size_t>(of_network) >= limits_.waiting_per_network;
}

RequestGate::Outcome RequestGate::Enter(Connection& connection, Connection::Time deadline) {
  constexpr std::chrono::milliseconds kLookEvery{200};
  std::unique_lock lock(mutex_);
  if (!closed_ && running_ < limits_.running) {
    ++running_;
    TakeTurn(connection);
    return Outcome::kEntered;
  }
  if (closed_ || Full(connection)) return Outcome::kBusy;
  Waiter waiter{&connection};
  const auto place = waiting_.insert(waiting_.end(), &waiter);
  deadline = std::min(deadline, SteadyClock::now() + limits_.timeout);
  bool gone = false;
  while (!waiter.entered && !closed_ && !gone && SteadyClock::now() < deadline) {
    connection.wake.wait_until(lock, std::min(deadline, SteadyClock::now() + kLookEvery));
    gone = HasGone(connection);
  }
  if (!waiter.entered) {
    waiting_.erase(place);
    return gone ? Outcome::kGone : Outcome::kBusy;
  }
  if (!gone) return Outcome::kEntered;
  lock.unlock();
  Leave();
  return Outcome::kGone;
}

std::list<RequestGate::Waiter*>::const_iterator RequestGate::Next() const {
  return std::ranges::min_element(waiting_, {}, [this](const Waiter* waiter) {
    const auto turn = last_turns_.find(waiter->connection->network);
    return turn == last_turns_.end() ? 0 : turn->second;
  });
}

void RequestGate::TakeTurn(const Connection& connection) {
  constexpr std::size_t kMostNetworks = 1'024;
  if (last_turns_.size() >= kMostNetworks) last_turns_.clear();
  last_turns_[connection.network] = ++turns_;
}

void RequestGate::Leave() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    --running_;
    return;
  }
  const auto place = Next();
  Waiter& next = **place;
  waiting_.erase(place);
  TakeTurn(*next.connection);
  next.entered = true;
  next.connection->wake.notify_one();
}

void RequestGate::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const Waiter* waiter : waiting_) waiter->connection->wake.notify_one();
}

}  // namespace chatscale
