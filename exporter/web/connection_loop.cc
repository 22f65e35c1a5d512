#include "exporter/web/connection_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "exporter/web/request_frame.h"

namespace chatscale {
namespace {

using State = Connection::State;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kSweepMilliseconds = 100;
constexpr milliseconds kLinger{1'000};

const char* ReasonPhrase(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Not Implemented";
  }
}

Answer Refusal(int status) {
  const std::string body = std::to_string(status) + " " + ReasonPhrase(status) + "\n";
  return {"HTTP/1.1 " + body.substr(0, body.size() - 1) +
              "\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
              "Connection: close\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body,
          true};
}

std::uint32_t Interest(State state) {
  switch (state) {
    case State::kHandling:
      return 0;
    case State::kWriting:
      return EPOLLOUT;
    default:
      return EPOLLIN;
  }
}

}  // namespace

ConnectionLoop::ConnectionLoop(ConnectionLoopOptions options, Handler handler)
    : options_(options),
      handler_(std::move(handler)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      workers_(std::make_unique<WorkerPool>(options.workers)) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = 0}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
  thread_ = std::thread([this] { Run(); });
}

ConnectionLoop::~ConnectionLoop() {
  Stop();
  workers_.reset();  // the last tasks wake us: before the descriptors go
  ::close(wake_);
  ::close(epoll_);
}

void ConnectionLoop::Adopt(int fd) {
  {
    absl::MutexLock lock(&mutex_);
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
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  Wake();
  if (thread_.joinable()) thread_.join();
}

std::size_t ConnectionLoop::connections() const {
  absl::MutexLock lock(&mutex_);
  return count_;
}

std::map<std::string, std::uint64_t> ConnectionLoop::rejected() const {
  absl::MutexLock lock(&mutex_);
  return rejected_;
}

void ConnectionLoop::Wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void ConnectionLoop::Run() {
  std::array<epoll_event, 64> events;
  Time next_sweep = Clock::now();
  Time last_call = Time::max();  // set once stopping
  while (true) {
    const int ready = ::epoll_wait(epoll_, events.data(), events.size(), kSweepMilliseconds);
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (const auto found = open_.find(event.data.u64); found != open_.end()) {
        OnReady(*found->second, event.events);
      }
    }
    TakeMail();
    const Time now = Clock::now();
    if (now >= next_sweep) {
      Sweep(now);
      next_sweep = now + milliseconds(kSweepMilliseconds);
    }
    absl::MutexLock lock(&mutex_);
    count_ = open_.size();
    if (!stopping_) continue;
    last_call = std::min(last_call, now + options_.stop_grace);
    std::erase_if(open_, [&](const auto& entry) {
      const State state = entry.second->state;
      return now >= last_call || (state != State::kHandling && state != State::kWriting);
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
  {
    absl::MutexLock lock(&mutex_);
    arrived.swap(arrived_);
    answered.swap(answered_);
  }
  for (auto& [id, answer] : answered) {
    if (const auto found = open_.find(id); found != open_.end()) {
      StartWriting(*found->second, std::move(answer));
    }
  }
  for (const int fd : arrived) Admit(fd);
}

void ConnectionLoop::Admit(int fd) {
  if (open_.size() >= options_.max_connections && !EvictOne()) {
    Count("full");
    ::close(fd);
    return;
  }
  auto made = std::make_unique<Connection>(fd, next_id_++);
  epoll_event event{.events = EPOLLIN, .data = {.u64 = made->id()}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) return;
  Connection& connection = *made;
  open_.emplace(connection.id(), std::move(made));
  Enter(connection, State::kReading, options_.read_deadline);
}

bool ConnectionLoop::EvictOne() {
  Connection* oldest = nullptr;
  for (const auto& [id, connection] : open_) {
    if (connection->state == State::kHandling || connection->state == State::kWriting) continue;
    if (oldest == nullptr || connection->since < oldest->since) oldest = connection.get();
  }
  if (oldest == nullptr) return false;
  Count("evicted");
  Drop(*oldest);
  return true;
}

void ConnectionLoop::OnReady(Connection& connection, std::uint32_t events) {
  switch (connection.state) {
    case State::kHandling:  // only a dead peer is told to us here; its answer goes nowhere
      if ((events & (EPOLLERR | EPOLLHUP)) != 0) Drop(connection);
      return;
    case State::kWriting:
      return Write(connection);
    case State::kLingering:
      connection.in.clear();
      if (connection.Receive() == Connection::Io::kEnded) Drop(connection);
      return;
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
  if (connection.state == State::kIdle) {
    Enter(connection, State::kReading, options_.read_deadline);
  }
  Advance(connection);
}

// Looks for a whole request in what has come.
void ConnectionLoop::Advance(Connection& connection) {
  const RequestFrame frame = FrameRequest(connection.in);
  switch (frame.state) {
    case RequestFrame::State::kIncomplete:
      return;
    case RequestFrame::State::kRefused:
      return Refuse(connection, frame.status);
    case RequestFrame::State::kComplete:
      return Dispatch(connection, frame.length);
  }
}

void ConnectionLoop::Dispatch(Connection& connection, std::size_t length) {
  std::string request = connection.in.substr(0, length);
  connection.in.erase(0, length);
  Enter(connection, State::kHandling, milliseconds::max());
  workers_->Submit(
      [this, id = connection.id(), ip = connection.RemoteIp(), request = std::move(request)] {
        Answer answer = handler_(request, ip);
        {
          absl::MutexLock lock(&mutex_);
          answered_.emplace_back(id, std::move(answer));
        }
        Wake();
      });
}

void ConnectionLoop::Refuse(Connection& connection, int status) {
  Count(status == 431 || status == 413 ? "too_large" : "malformed");
  connection.linger = true;
  StartWriting(connection, Refusal(status));
}

void ConnectionLoop::StartWriting(Connection& connection, Answer answer) {
  connection.out = std::move(answer.bytes);
  connection.close_after_write = answer.close;
  Enter(connection, State::kWriting, options_.write_deadline);
  Write(connection);
}

void ConnectionLoop::Write(Connection& connection) {
  switch (connection.Send()) {
    case Connection::Io::kLater:
      return;
    case Connection::Io::kEnded:
      return Drop(connection);
    case Connection::Io::kSome:
      break;
  }
  if (connection.linger) {
    connection.HalfClose();
    return Enter(connection, State::kLingering, kLinger);
  }
  if (connection.close_after_write) return Drop(connection);
  if (connection.in.empty()) return Enter(connection, State::kIdle, options_.idle_deadline);
  Enter(connection, State::kReading, options_.read_deadline);
  Advance(connection);
}

void ConnectionLoop::Enter(Connection& connection, State state, milliseconds allowed) {
  connection.state = state;
  connection.since = Clock::now();
  connection.deadline = allowed == milliseconds::max() ? Time::max() : connection.since + allowed;
  epoll_event event{.events = Interest(state), .data = {.u64 = connection.id()}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd(), &event);
}

void ConnectionLoop::Sweep(Time now) {
  std::erase_if(open_, [&](const auto& entry) {
    const Connection& connection = *entry.second;
    if (now < connection.deadline) return false;
    if (connection.state == State::kReading || connection.state == State::kWriting) Count("slow");
    return true;
  });
}

void ConnectionLoop::Drop(Connection& connection) { open_.erase(connection.id()); }

void ConnectionLoop::Count(const std::string& reason) {
  absl::MutexLock lock(&mutex_);
  ++rejected_[reason];
}

}  // namespace chatscale
