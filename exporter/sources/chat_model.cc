#include "exporter/sources/chat_model.h"

#include <algorithm>
#include <utility>

namespace chatscale {

namespace {

constexpr double kMostClaims = 3;

template <typename T>
std::size_t Place(std::vector<T>& places, std::vector<std::size_t>& free, T value) {
  if (free.empty()) {
    places.push_back(std::move(value));
    return places.size() - 1;
  }
  const std::size_t place = free.back();
  free.pop_back();
  places[place] = std::move(value);
  return place;
}

}  // namespace

ModelReplica& ModelFleet::Add(double ready_at) {
  ModelReplica& replica = replicas_.emplace_back();
  replica.id = next_id_++;
  replica.ready_at = replica.claims_at = ready_at;
  return replica;
}

ModelReplica* ModelFleet::Find(int id) {
  const auto found = std::ranges::find(replicas_, id, &ModelReplica::id);
  return found == replicas_.end() ? nullptr : &*found;
}

int ModelFleet::Staying() const {
  return static_cast<int>(std::ranges::count(replicas_, false, &ModelReplica::draining));
}

int ModelFleet::Ready(double now) const {
  return static_cast<int>(std::ranges::count_if(
      replicas_, [now](const ModelReplica& r) { return !r.draining && now >= r.ready_at; }));
}

int ModelFleet::AllSlots(double now) const {
  return slots_per_replica_ *
         static_cast<int>(std::ranges::count_if(
             replicas_, [now](const ModelReplica& r) { return now >= r.ready_at; }));
}

int ModelFleet::Load() const {
  int load = 0;
  for (const ModelReplica& replica : replicas_) load += replica.load;
  return load;
}

ChatModel::ChatModel(ChatModelOptions options, double start)
    : options_(std::move(options)),
      now_(start),
      ingress_(options_.streams_per_replica),
      proc_(options_.slots_per_replica) {}

void ChatModel::Schedule(double at, EventKind kind, std::size_t subject) {
  events_.push({.at = at, .order = next_order_++, .kind = kind, .subject = subject});
}

void ChatModel::AdvanceTo(double now) {
  while (!events_.empty() && events_.top().at <= now) {
    const Event event = events_.top();
    events_.pop();
    now_ = event.at;
    switch (event.kind) {
      case EventKind::kTaskEnd:
        EndTask(event.subject);
        break;
      case EventKind::kStreamEnd:
        EndStream(event.subject);
        break;
      case EventKind::kWake:
        for (const Service service : kServices) Retire(service);
        StartTasks();
        break;
    }
  }
  now_ = std::max(now_, now);
}

ModelReplica& ChatModel::Start(Service service, double start_seconds) {
  ModelReplica& replica = fleet(service).Add(now_ + start_seconds);
  Schedule(replica.ready_at, EventKind::kWake);
  return replica;
}

void ChatModel::Drain(Service service, ModelReplica& replica, double earliest, double latest) {
  replica.draining = true;
  replica.earliest = now_ + earliest;
  replica.latest = now_ + latest;
  Schedule(replica.earliest, EventKind::kWake);
  if (replica.latest < kNever) Schedule(replica.latest, EventKind::kWake);
  Retire(service);
  StartTasks();
}

void ChatModel::SetDesired(Service service, int replicas, double start_seconds,
                           double drain_seconds) {
  ModelFleet& all = fleet(service);
  int surplus = all.Staying() - std::max(replicas, 0);
  for (; surplus < 0; ++surplus) Start(service, start_seconds);
  for (; surplus > 0; --surplus) {
    auto& list = all.replicas();
    const auto youngest =
        std::ranges::find(list.rbegin(), list.rend(), false, &ModelReplica::draining);
    Drain(service, *youngest, 0, drain_seconds);
  }
}

void ChatModel::Kill(Service service, int id) {
  auto& list = fleet(service).replicas();
  const auto replica = std::ranges::find(list, id, &ModelReplica::id);
  if (replica == list.end()) return;
  Remove(service, replica);
  StartTasks();
}

void ChatModel::Retire(Service service) {
  auto& list = fleet(service).replicas();
  const auto ended = [this](const ModelReplica& replica) {
    return replica.draining &&
           (now_ >= replica.latest || (replica.load == 0 && now_ >= replica.earliest));
  };
  for (auto found = std::ranges::find_if(list, ended); found != list.end();
       found = std::ranges::find_if(list, ended)) {
    Remove(service, found);
  }
}

void ChatModel::Remove(Service service, const std::deque<ModelReplica>::iterator& replica) {
  const int id = replica->id;
  const bool loaded = replica->load > 0;
  fleet(service).replicas().erase(replica);
  if (!loaded) return;
  if (service == Service::kIngress) {
    for (int& on : streams_) {
      if (on != id) continue;
      ++streams_cut_;
      ModelReplica* next = Emptiest();
      on = next == nullptr ? -1 : next->id;
      if (next == nullptr) {
        ++streams_lost_;
      } else {
        ++next->load;
      }
    }
    return;
  }
  for (std::size_t i = 0; i < running_.size(); ++i) {
    ModelTask& task = running_[i].task;
    if (task.replica != id) continue;
    task.replica = -1;
    waiting_.push_front(task);
    waiting_.front().job.clear();
    if (!running_[i].ends) free_running_.push_back(i);
  }
}

void ChatModel::Submit(ModelTask task) {
  task.created = now_;
  (task.job.empty() ? waiting_ : jobs_).push_back(std::move(task));
  StartTasks();
}

void ChatModel::LoseQueue() {
  waiting_.clear();
  for (std::size_t i = 0; i < running_.size(); ++i) {
    ModelTask& task = running_[i].task;
    if (task.replica < 0) continue;
    ModelReplica* replica = proc_.Find(task.replica);
    if (!replica->hung) continue;
    --replica->load;
    task.replica = -1;
    if (!running_[i].ends) free_running_.push_back(i);
  }
}

// The least loaded replica with a free slot that may start a task now.
ModelReplica* ChatModel::ReplicaForTask() {
  ModelReplica* best = nullptr;
  double next_claim = kNever;
  for (ModelReplica& replica : proc_.replicas()) {
    if (!replica.Accepts(now_) || replica.load >= options_.slots_per_replica) continue;
    if (options_.claims_per_second < kNever) {
      replica.claims += (now_ - replica.claims_at) * options_.claims_per_second;
      replica.claims = std::min(kMostClaims, replica.claims);
      replica.claims_at = now_;
      if (replica.claims < 1) {
        // A little later, so that rounding does not leave it below one then.
        next_claim =
            std::min(next_claim, now_ + (1.001 - replica.claims) / options_.claims_per_second);
        continue;
      }
    }
    if (best == nullptr || replica.load < best->load) best = &replica;
  }
  if (best == nullptr && next_claim < kNever) Schedule(next_claim, EventKind::kWake);
  return best;
}

void ChatModel::StartTasks() {
  while (claiming && !(waiting_.empty() && jobs_.empty())) {
    ModelReplica* replica = ReplicaForTask();
    if (replica == nullptr) return;
    std::deque<ModelTask>& queue = waiting_.empty() ? jobs_ : waiting_;
    ModelTask task = std::move(queue.front());
    queue.pop_front();
    Run(std::move(task), *replica);
  }
}

void ChatModel::Run(ModelTask task, ModelReplica& replica) {
  ++replica.load;
  replica.claims -= 1;
  task.started = now_;
  task.replica = replica.id;
  options_.started(task);
  const double ends = now_ + task.seconds;
  Schedule(ends, EventKind::kTaskEnd,
           Place(running_, free_running_, Running{.task = std::move(task), .ends = true}));
}

void ChatModel::EndTask(std::size_t place) {
  Running& running = running_[place];
  running.ends = false;
  ModelReplica* replica = running.task.replica < 0 ? nullptr : proc_.Find(running.task.replica);
  if (replica != nullptr && replica->hung) return;  // until it is killed
  free_running_.push_back(place);
  if (replica == nullptr) return;
  --replica->load;
  running.task.replica = -1;
  options_.ended(running.task);
  if (replica->draining) Retire(Service::kProc);
  StartTasks();
}

ModelReplica* ChatModel::Emptiest() {
  ModelReplica* best = nullptr;
  for (ModelReplica& replica : ingress_.replicas()) {
    if (!replica.Accepts(now_) || replica.load >= options_.streams_per_replica) continue;
    if (best == nullptr || replica.load < best->load) best = &replica;
  }
  return best;
}

bool ChatModel::OpenStream(double seconds) {
  ModelReplica* replica = Emptiest();
  if (replica == nullptr) return false;
  ++replica->load;
  Schedule(now_ + seconds, EventKind::kStreamEnd, Place(streams_, free_streams_, replica->id));
  return true;
}

void ChatModel::EndStream(std::size_t place) {
  ModelReplica* replica = streams_[place] < 0 ? nullptr : ingress_.Find(streams_[place]);
  streams_[place] = -1;
  free_streams_.push_back(place);
  if (replica == nullptr) return;
  --replica->load;
  if (replica->draining) Retire(Service::kIngress);
}

}  // namespace chatscale
