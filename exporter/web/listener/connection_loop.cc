#include "exporter/web/listener/connection_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "exporter/web/listener/answer_head.h"
#include "exporter/web/listener/request_frame.h"

namespace chatscale {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLinger{1'000};

Answer Refusal(int status, const std::string& body) {
  return {AnswerHead(status, {{"Connection", "close"}}, "text/plain; charset=utf-8", body.size(),
                     std::time(nullptr)) +
              body,
          nullptr, true};
}

std::uint32_t Interest(Connection::State state) {
  using State = Connection::State;
  switch (state) {
    case State::kHandshakeStep:
    case State::kHandling:
      return 0;
    case State::kWriting:
      return EPOLLOUT;
    default:
      return EPOLLIN;
  }
}

}  // namespace

ConnectionLoop::ConnectionLoop(const ConnectionLoopOptions& options, Handler handler)
    : options_(options),
      handler_(std::move(handler)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      workers_(std::make_unique<WorkerPool>(options.workers)),
      express_(std::make_unique<WorkerPool>(1)),
      handshakes_(handler_.tls ? std::make_unique<WorkerPool>(1) : nullptr),
      asked_(handler_.ask ? std::make_unique<WorkerPool>(1) : nullptr) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = 0}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
  thread_ = std::thread([this] { Run(); });
}

ConnectionLoop::~ConnectionLoop() {
  Stop();
  // The last tasks wake us: before the descriptors go.
  handshakes_.reset();
  asked_.reset();
  workers_.reset();
  express_.reset();
  ::close(wake_);
  ::close(epoll_);
}

void ConnectionLoop::Adopt(int fd) {
  {
    // Sockets that nobody has counted yet hold files: a burst must not use up what is kept back.
    constexpr std::size_t kMostArrived = 8;
    std::unique_lock lock(mutex_);
    taken_.wait(lock, [this] { return stopping_ || arrived_.size() < kMostArrived; });
    if (stopping_) {
      ::close(fd);
      return;
    }
    arrived_.push_back(fd);
  }
  Wake();
}

void ConnectionLoop::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  taken_.notify_all();
  Wake();
  if (thread_.joinable()) thread_.join();
}

std::size_t ConnectionLoop::connections() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::map<std::string, std::uint64_t> ConnectionLoop::rejected() const {
  const std::lock_guard lock(mutex_);
  return rejected_;
}

void ConnectionLoop::Wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

// Until the next deadline, or until something happens when there is none.
int ConnectionLoop::Patience(Time now, Time last_call) const {
  const Time next = std::min(next_sweep_, last_call);
  if (next == Time::max()) return -1;
  const auto left = std::chrono::duration_cast<milliseconds>(next - now).count() + 1;
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void ConnectionLoop::Run() {
  std::array<epoll_event, 64> events;
  Time last_call = Time::max();  // set once stopping
  while (true) {
    const int ready =
        ::epoll_wait(epoll_, events.data(), events.size(), Patience(SteadyClock::now(), last_call));
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (const auto found = open_.find(event.data.u64); found != open_.end()) {
        OnReady(*found->second, event.events);
      }
    }
    TakeMail();
    const Time now = SteadyClock::now();
    if (now >= next_sweep_) Sweep(now);
    const std::lock_guard lock(mutex_);
    count_ = open_.size();
    if (!stopping_) continue;
    last_call = std::min(last_call, now + options_.stop_grace);
    EraseIf([&](const Connection& connection) {
      return now >= last_call ||
             (connection.state != State::kHandling && connection.state != State::kWriting);
    });
    if (!open_.empty()) continue;
    for (const int fd : arrived_) ::close(fd);
    arrived_.clear();
    return;
  }
}

void ConnectionLoop::TakeMail() {
  std::uint64_t wakes = 0;
  [[maybe_unused]] const auto got = ::read(wake_, &wakes, sizeof wakes);
  std::vector<int> arrived;
  std::vector<std::pair<std::uint64_t, Answer>> answered;
  std::vector<std::pair<std::uint64_t, absl::StatusOr<bool>>> shaken;
  {
    const std::lock_guard lock(mutex_);
    arrived.swap(arrived_);
    answered.swap(answered_);
    shaken.swap(shaken_);
  }
  taken_.notify_all();
  for (const auto& [id, done] : shaken) {
    if (const auto found = open_.find(id); found != open_.end()) HandsShaken(*found->second, done);
  }
  for (auto& [id, answer] : answered) {
    if (const auto found = open_.find(id); found != open_.end()) {
      Connection& connection = *found->second;
      if (StartWriting(connection, std::move(answer))) Advance(connection);
    }
  }
  for (const int fd : arrived) Admit(fd);
}

void ConnectionLoop::Admit(int fd) {
  if (open_.size() >= options_.max_connections && !EvictOne(nullptr)) {
    Count("full");
    ::close(fd);
    return;
  }
  std::shared_ptr<TlsSession> tls = handler_.tls ? handler_.tls() : nullptr;
  const State first = tls ? State::kHandshaking : State::kReading;
  auto made = std::make_unique<Connection>(fd, next_id_++, std::move(tls));
  epoll_event event{.events = EPOLLIN, .data = {.u64 = made->id()}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) return;
  made->interest = EPOLLIN;
  Connection& connection = *made;
  open_.emplace(connection.id(), std::move(made));
  Enter(connection, first, options_.read_deadline);
}

bool ConnectionLoop::EvictOne(const Connection* spared) {
  Connection* oldest = nullptr;
  for (const auto& [id, connection] : open_) {
    if (connection->state == State::kHandling || connection.get() == spared) continue;
    if (spared != nullptr && connection->state != State::kWriting) continue;
    if (oldest == nullptr || connection->since < oldest->since) oldest = connection.get();
  }
  if (oldest == nullptr) return false;
  Count("evicted");
  Drop(*oldest);
  return true;
}

void ConnectionLoop::OnReady(Connection& connection, std::uint32_t events) {
  switch (connection.state) {
    case State::kHandshakeStep:
    case State::kHandling:  // only a dead peer is told to us here; its answer goes nowhere
      if ((events & (EPOLLERR | EPOLLHUP)) != 0) Drop(connection);
      return;
    case State::kWriting:
      return Write(connection);
    case State::kLingering:
      connection.in.clear();
      if (connection.Receive() == Connection::Io::kEnded) Drop(connection);
      return;
    case State::kHandshaking:
    case State::kReading:
    case State::kIdle:
      return Read(connection);
  }
}

void ConnectionLoop::Read(Connection& connection) {
  switch (connection.Receive()) {
    case Connection::Io::kLater:
      return;
    case Connection::Io::kEnded:
      return Drop(connection);
    case Connection::Io::kSome:
      break;
  }
  if (connection.state == State::kHandshaking) return ShakeHands(connection);
  if (connection.state == State::kIdle) {
    Enter(connection, State::kReading, options_.read_deadline);
  }
  Advance(connection);
}

// A step costs a signature: not on this thread. Sessions whose connection is gone are left out.
void ConnectionLoop::ShakeHands(Connection& connection) {
  if (connection.GaveUpTls()) return Refuse(connection, 400, "400 this port speaks HTTPS\n");
  Switch(connection, State::kHandshakeStep);
  handshakes_->Submit([this, id = connection.id(), weak = std::weak_ptr(connection.tls())] {
    const std::shared_ptr<TlsSession> session = weak.lock();
    if (!session) return;
    absl::StatusOr<bool> done = session->Handshake();
    {
      const std::lock_guard lock(mutex_);
      shaken_.emplace_back(id, std::move(done));
    }
    Wake();
  });
}

void ConnectionLoop::HandsShaken(Connection& connection, const absl::StatusOr<bool>& done) {
  const bool sent = connection.SendHandshake();  // also an alert
  if (!done.ok() || !sent) {
    Count("tls");
    return Drop(connection);
  }
  if (!*done) return Switch(connection, State::kHandshaking);
  connection.Open();
  Enter(connection, State::kReading, options_.read_deadline);
  Advance(connection);
}

// Looks for a whole request in what has come.
void ConnectionLoop::Advance(Connection& connection) {
  bool next = true;
  while (next) {
    const RequestFrame frame = FrameRequest(connection.in, connection.framed);
    if (frame.state == RequestFrame::State::kIncomplete) return;
    if (frame.state == RequestFrame::State::kRefused)
      return Refuse(connection, frame.status, StatusLine(frame.status));
    next = Dispatch(connection, frame.length);
  }
}

bool ConnectionLoop::Dispatch(Connection& connection, std::size_t length) {
  std::string request = connection.in.substr(0, length);
  connection.in.erase(0, length);
  connection.framed = {};
  Entry entry;
  if (handler_.enter) entry = handler_.enter(request, connection.RemoteIp());
  if (entry.verdict == Entry::Verdict::kRefused) {
    return StartWriting(connection, std::move(entry.refusal));
  }
  const bool ask = entry.verdict == Entry::Verdict::kAsk;
  if (handler_.at_once && !ask) {
    if (std::optional<Answer> answer = handler_.at_once(request)) {
      return StartWriting(connection, *std::move(answer));
    }
  }
  Enter(connection, State::kHandling, milliseconds::max());
  Hand(connection, std::move(request), ask);
  return false;
}

void ConnectionLoop::Hand(const Connection& connection, std::string request, bool ask) {
  const std::uint64_t id = connection.id();
  std::string ip = connection.RemoteIp();
  if (!ask) return Work(id, std::move(request), std::move(ip));
  asked_->Submit([this, id, ip = std::move(ip), request = std::move(request)]() mutable {
    std::optional<Answer> refusal = handler_.ask(request, ip);
    if (refusal) return Deliver(id, *std::move(refusal));
    Work(id, std::move(request), std::move(ip));
  });
}

void ConnectionLoop::Work(std::uint64_t id, std::string request, std::string ip) {
  WorkerPool& pool = handler_.express && handler_.express(request) ? *express_ : *workers_;
  pool.Submit([this, id, ip = std::move(ip), request = std::move(request)] {
    Deliver(id, handler_.answer(request, ip));
  });
}

void ConnectionLoop::Deliver(std::uint64_t id, Answer answer) {
  {
    const std::lock_guard lock(mutex_);
    answered_.emplace_back(id, std::move(answer));
  }
  Wake();
}

void ConnectionLoop::Refuse(Connection& connection, int status, const std::string& body) {
  Count(status == 431 || status == 413 ? "too_large" : "malformed");
  connection.linger = true;
  StartWriting(connection, Refusal(status, body));
}

bool ConnectionLoop::StartWriting(Connection& connection, Answer answer) {
  connection.out = std::move(answer.bytes);
  connection.body = std::move(answer.body);
  connection.close_after_write = answer.close;
  // Most answers fit into the socket's buffer, and are gone before anybody has to wait for them.
  bool progress = false;
  const Connection::Io sent = connection.Send(progress);
  if (sent == Connection::Io::kLater) {
    Hold(connection);
    Enter(connection, State::kWriting, options_.write_deadline);
    while (unsent_bytes_ > options_.max_unsent_bytes && EvictOne(&connection)) {
    }
    return false;
  }
  if (sent == Connection::Io::kSome) return Written(connection);
  Drop(connection);
  return false;
}

void ConnectionLoop::Write(Connection& connection) {
  bool progress = false;
  const Connection::Io sent = connection.Send(progress);
  if (progress) connection.since = SteadyClock::now();
  if (sent == Connection::Io::kLater) return;
  Release(connection);
  if (sent == Connection::Io::kEnded) return Drop(connection);
  if (Written(connection)) Advance(connection);
}

bool ConnectionLoop::Written(Connection& connection) {
  if (connection.linger) {
    connection.HalfClose();
    Enter(connection, State::kLingering, kLinger);
  } else if (connection.close_after_write) {
    connection.HalfClose();
    Drop(connection);
  } else if (connection.in.empty()) {
    Enter(connection, State::kIdle, options_.idle_deadline);
  } else {
    Enter(connection, State::kReading, options_.read_deadline);
    return true;
  }
  return false;
}

void ConnectionLoop::Enter(Connection& connection, State state, milliseconds allowed) {
  connection.since = SteadyClock::now();
  connection.deadline = allowed == milliseconds::max() ? Time::max() : connection.since + allowed;
  next_sweep_ = std::min(next_sweep_, connection.deadline);
  Switch(connection, state);
}

void ConnectionLoop::Switch(Connection& connection, State state) {
  connection.state = state;
  const std::uint32_t interest = Interest(state);
  if (std::exchange(connection.interest, interest) == interest) return;
  epoll_event event{.events = interest, .data = {.u64 = connection.id()}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd(), &event);
}

void ConnectionLoop::Sweep(Time now) {
  EraseIf([&](const Connection& connection) {
    if (now < connection.deadline) return false;
    if (connection.state != State::kIdle && connection.state != State::kLingering) Count("slow");
    return true;
  });
  next_sweep_ = Time::max();
  for (const auto& [id, connection] : open_) {
    next_sweep_ = std::min(next_sweep_, connection->deadline);
  }
}

void ConnectionLoop::EraseIf(const std::function<bool(const Connection&)>& ends) {
  for (auto entry = open_.begin(); entry != open_.end();) {
    Connection& connection = *(entry++)->second;
    if (ends(connection)) Drop(connection);
  }
}

void ConnectionLoop::Hold(Connection& connection) {
  connection.held_out = connection.out.size();
  unsent_bytes_ += connection.held_out;
  if (!connection.body) return;
  connection.held_body = connection.body.get();
  connection.held_body_bytes = connection.body->size();
  if (++bodies_[connection.held_body] == 1) unsent_bytes_ += connection.held_body_bytes;
}

void ConnectionLoop::Release(Connection& connection) {
  unsent_bytes_ -= std::min(unsent_bytes_, connection.held_out);
  const std::string* body = std::exchange(connection.held_body, nullptr);
  connection.held_out = 0;
  if (body == nullptr) return;
  const auto found = bodies_.find(body);
  if (--found->second > 0) return;
  unsent_bytes_ -= std::min(unsent_bytes_, connection.held_body_bytes);
  bodies_.erase(found);
}

void ConnectionLoop::Drop(Connection& connection) {
  Release(connection);
  open_.erase(connection.id());
}

void ConnectionLoop::Count(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  ++rejected_[reason];
}

}  // namespace chatscale
