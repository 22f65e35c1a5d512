#include "exporter/server/connection_threads.h"

#include <utility>

namespace chatscale {
namespace {

constexpr std::size_t kMaxIdle = 32;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kStackBytes = 2UL << 20;  // sanitizers need larger frames
#else
constexpr std::size_t kStackBytes = 1UL << 20;
#endif

}  // namespace

ConnectionThreads::~ConnectionThreads() { Stop(std::chrono::steady_clock::time_point::max()); }

bool ConnectionThreads::Run(std::function<void()> task,
                            std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  while (true) {
    JoinEnded(lock);
    if (stopping_) return false;
    if (TryRun(task)) return true;
    if (free_.wait_until(lock, deadline) == std::cv_status::timeout) return false;
  }
}

bool ConnectionThreads::TryRun(std::function<void()>& task) {
  if (tasks_.size() < idle_) {
    tasks_.push_back(std::move(task));
    work_.notify_one();
    return true;
  }
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_t thread{};
  tasks_.push_back(std::move(task));
  ++idle_;  // until it takes its task
  const bool made = ::pthread_create(&thread, &attributes, Main, this) == 0;
  ::pthread_attr_destroy(&attributes);
  if (made) {
    ++threads_;
  } else {
    --idle_;
    task = std::move(tasks_.back());
    tasks_.pop_back();
  }
  return made;
}

void* ConnectionThreads::Main(void* self) {
  static_cast<ConnectionThreads*>(self)->Work();
  return nullptr;
}

void ConnectionThreads::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return !tasks_.empty() || stopping_; });
    if (tasks_.empty()) break;
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    --idle_;
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
    ++idle_;
    free_.notify_all();
    if (idle_ > kMaxIdle + tasks_.size()) break;
  }
  --idle_;
  --threads_;
  joinable_.push_back(::pthread_self());
  free_.notify_all();
}

void ConnectionThreads::JoinEnded(std::unique_lock<std::mutex>& lock) {
  const std::vector<pthread_t> ended = std::exchange(joinable_, {});
  if (ended.empty()) return;
  lock.unlock();
  for (const pthread_t thread : ended) ::pthread_join(thread, nullptr);
  lock.lock();
}

bool ConnectionThreads::Stop(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  work_.notify_all();
  const auto all_ended = [this] { return threads_ == 0; };
  if (deadline == std::chrono::steady_clock::time_point::max()) {
    free_.wait(lock, all_ended);  // wait_until would overflow
  } else if (!free_.wait_until(lock, deadline, all_ended)) {
    return false;
  }
  JoinEnded(lock);
  return true;
}

}  // namespace chatscale
