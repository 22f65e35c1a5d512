#include "exporter/redis/processes.h"

#include <algorithm>
#include <cctype>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "exporter/model/snapshot.h"
#include "exporter/redis/json_values.h"

namespace chatscale::redis {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

MaybeNumber CountIn(const element& value, int& malformed, double most = kMostCount) {
  const auto number = NumberIn(value);
  if (number.has_value() && *number >= 0 && *number <= most) return number;
  ++malformed;
  return std::nullopt;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

void ReadHealth(const element& value, Heartbeat& heartbeat) {
  if (const auto text = TextIn(value)) {
    const std::string lower = Lower(*text);
    if (lower.find("unhealthy") != std::string::npos) {  // contains "healthy", so first (D1)
      heartbeat.health = Health::kUnhealthy;
    } else if (lower.find("healthy") != std::string::npos) {
      heartbeat.health = Health::kHealthy;
    } else if (lower.find("degraded") != std::string::npos) {
      heartbeat.health = Health::kDegraded;
    }
    return;
  }
  heartbeat.health = Health::kOther;
  heartbeat.other_health =
      value.is_null() ? "none" : Lower(simdjson::minify(value)).substr(0, kMostIdBytes);
  if (!value.is_null()) ++heartbeat.malformed;
}

// `limit_name` and `size_name` differ between postgres and redis; the other names are the same.
std::optional<PoolSample> ReadPool(const element& value, std::string_view limit_name,
                                   std::string_view size_name, int& malformed) {
  if (value.is_null()) return std::nullopt;
  object fields;
  if (value.get(fields) != simdjson::SUCCESS) {
    ++malformed;
    return std::nullopt;
  }
  PoolSample pool;
  for (const auto [name, field] : fields) {
    if (field.is_null()) continue;
    if (name == limit_name) pool.limit = CountIn(field, malformed);
    if (name == size_name) pool.size = CountIn(field, malformed);
    if (name == "available") pool.available = CountIn(field, malformed);
    if (name == "in_use") pool.in_use = CountIn(field, malformed);
  }
  return pool;
}

void ReadRedisPools(const element& value, Heartbeat& heartbeat) {
  object pools;
  if (value.is_null()) return;
  if (value.get(pools) != simdjson::SUCCESS) {
    ++heartbeat.malformed_pools;
    return;
  }
  constexpr std::array<std::pair<std::string_view, Pool>, 3> kNames = {
      {{"async", Pool::kRedisAsync},
       {"async_decode", Pool::kRedisAsyncDecode},
       {"sync", Pool::kRedisSync}}};
  for (const auto [name, field] : pools) {
    for (const auto& [known, pool] : kNames) {
      if (name != known) continue;
      heartbeat.pools[static_cast<std::size_t>(pool)] =
          ReadPool(field, "max_connections", "total", heartbeat.malformed_pools);
    }
  }
}

void ReadPools(const element& value, Heartbeat& heartbeat) {
  object pools;
  if (value.is_null()) return;
  if (value.get(pools) != simdjson::SUCCESS) {
    ++heartbeat.malformed_pools;
    return;
  }
  for (const auto [name, field] : pools) {
    if (name == "postgres") {
      heartbeat.pools[static_cast<std::size_t>(Pool::kPostgres)] =
          ReadPool(field, "max_size", "size", heartbeat.malformed_pools);
    }
    if (name == "redis") ReadRedisPools(field, heartbeat);
  }
}

void ReadProcessor(const element& value, Heartbeat& heartbeat) {
  object fields;
  if (value.get(fields) != simdjson::SUCCESS) return;
  for (const auto [name, field] : fields) {
    if (name == "scheduler_backend") {
      const auto backend = TextIn(field);
      heartbeat.other_scheduler = backend && *backend != "legacy_lists";
    }
    bool flag = false;
    if (field.get(flag) != simdjson::SUCCESS) continue;
    if (flag && (name == "draining" || name == "host_draining")) heartbeat.draining = true;
    if (!flag && name == "accepting_new_tasks") heartbeat.draining = true;
  }
}

void ReadMetadata(const element& value, Heartbeat& heartbeat) {
  object fields;
  if (value.is_null()) return;
  if (value.get(fields) != simdjson::SUCCESS) {
    ++heartbeat.malformed;
    return;
  }
  for (const auto [name, field] : fields) {
    if (name == "pools") ReadPools(field, heartbeat);
    if (name == "processor") ReadProcessor(field, heartbeat);
  }
}

}  // namespace

std::optional<Heartbeat> ParseHeartbeat(TolerantParser& parser, std::string_view json) {
  if (json.size() > kMostHeartbeatBytes) return std::nullopt;
  const auto root = parser.Parse(json);
  object fields;
  if (!root.has_value() || root->get(fields) != simdjson::SUCCESS) return std::nullopt;
  Heartbeat heartbeat;
  bool has_time = false;
  for (const auto [name, field] : fields) {  // of duplicate names the last one wins
    if (name == "instance_id") heartbeat.instance_id = TextIn(field).value_or("");
    if (name == "service_type") heartbeat.service_type = TextIn(field).value_or("");
    if (name == "service_name") heartbeat.service_name = TextIn(field).value_or("");
    if (name == "process_id") heartbeat.process_id = SmallIntIn(field);
    if (name == "port") heartbeat.port = SmallIntIn(field);
    if (name == "current_load") heartbeat.load = CountIn(field, heartbeat.malformed, kMostSlots);
    if (name == "max_capacity")
      heartbeat.capacity = CountIn(field, heartbeat.malformed, kMostSlots);
    if (name == "health_status") ReadHealth(field, heartbeat);
    if (name == "metadata") ReadMetadata(field, heartbeat);
    if (name == "last_heartbeat") {
      const auto time = NumberIn(field);
      if (!time.has_value() || *time < 0 || *time > kMostUnixSeconds) return std::nullopt;
      heartbeat.last_heartbeat = *time;
      has_time = true;
    }
  }
  for (const std::string* id :
       {&heartbeat.instance_id, &heartbeat.service_type, &heartbeat.service_name}) {
    if (id->empty() || id->size() > kMostIdBytes) return std::nullopt;
  }
  if (!has_time) ++heartbeat.malformed;
  if (BeyondSlots(heartbeat.load, heartbeat.capacity)) {
    heartbeat.load.reset();
    ++heartbeat.malformed;
  }
  return heartbeat;
}

namespace {

constexpr double kFutureToleranceSeconds = 60;
constexpr double kUpstreamCapacityAgeSeconds = 60;

bool IsFull(const Heartbeat& heartbeat) {
  return heartbeat.load && heartbeat.capacity && *heartbeat.capacity > 0 &&
         *heartbeat.load >= *heartbeat.capacity;
}

Status StatusOf(const Heartbeat& heartbeat, double age, double timeout) {
  if (age < -kFutureToleranceSeconds) return Status::kUnknown;
  if (age > timeout) return Status::kStale;
  if (heartbeat.draining) return Status::kDraining;
  switch (heartbeat.health) {
    case Health::kHealthy:
      return Status::kHealthy;
    case Health::kDegraded:
      return Status::kDegraded;
    case Health::kUnhealthy:
      return heartbeat.Is(Service::kIngress) || IsFull(heartbeat) ? Status::kDegraded
                                                                  : Status::kUnhealthy;
    case Health::kUnknown:
    case Health::kOther:
      break;
  }
  return Status::kUnknown;
}

}  // namespace

bool Process::FromTheFuture() const { return age_seconds < -kFutureToleranceSeconds; }

Process Classify(Heartbeat heartbeat, const GatewayConfig& config, double now) {
  Process process;
  process.age_seconds = now - heartbeat.last_heartbeat;
  process.status = StatusOf(heartbeat, process.age_seconds, config.heartbeat_timeout_seconds);
  process.heartbeat = std::move(heartbeat);
  return process;
}

std::string StatusName(const Process& process) {
  switch (process.status) {
    case Status::kHealthy:
      return "healthy";
    case Status::kDegraded:
      return "degraded";
    case Status::kUnhealthy:
      return "unhealthy";
    case Status::kDraining:
      return "draining";
    case Status::kStale:
      return "stale";
    case Status::kUnknown:
      break;
  }
  return process.heartbeat.health == Health::kOther ? process.heartbeat.other_health : "unknown";
}

std::vector<InstanceGroup> GroupByInstance(const std::vector<Process>& processes,
                                           std::string_view service_type,
                                           std::string_view service_name) {
  // A few processes are usual and a linear search is faster for them; there may be ten thousand.
  constexpr std::size_t kFew = 16;
  std::vector<InstanceGroup> groups;
  absl::flat_hash_map<std::string_view, std::size_t> places;
  const auto place_of = [&](std::string_view id) -> std::size_t {
    if (processes.size() > kFew) return places.try_emplace(id, groups.size()).first->second;
    const auto same = [id](const InstanceGroup& group) { return group.id == id; };
    return static_cast<std::size_t>(std::ranges::find_if(groups, same) - groups.begin());
  };
  for (const Process& process : processes) {
    const Heartbeat& heartbeat = process.heartbeat;
    if (heartbeat.service_type != service_type || heartbeat.service_name != service_name) continue;
    const std::size_t place = place_of(heartbeat.instance_id);
    if (place == groups.size()) groups.push_back({heartbeat.instance_id, {}});
    groups[place].processes.push_back(&process);
  }
  return groups;
}

FleetCapacity CapacityOf(const std::vector<Process>& processes, const GatewayConfig& config) {
  FleetCapacity capacity;
  for (const InstanceGroup& group : GroupByInstance(processes, config.proc.capacity_source_type,
                                                    config.proc.capacity_source_name)) {
    int reported = 0;
    int working = 0;
    for (const Process* process : group.processes) {
      const Health health = process->heartbeat.health;
      const bool contains_healthy = health == Health::kHealthy || health == Health::kUnhealthy;
      if (contains_healthy && process->age_seconds <= kUpstreamCapacityAgeSeconds) ++reported;
      if (process->Works()) ++working;
    }
    capacity.reported += config.proc.Room(reported).Total();
    capacity.corrected += config.proc.Room(working).Total();
  }
  return capacity;
}

std::vector<std::string> AliveInstances(const std::vector<Process>& processes,
                                        const GatewayConfig& config) {
  std::vector<std::string> alive;
  for (const InstanceGroup& group : GroupByInstance(processes, config.proc.capacity_source_type,
                                                    config.proc.capacity_source_name)) {
    const bool any = std::any_of(group.processes.begin(), group.processes.end(),
                                 [](const Process* p) { return p->status != Status::kStale; });
    if (any) alive.emplace_back(group.id);
  }
  return alive;
}

namespace {

void AddTo(const MaybeNumber& value, MaybeNumber& sum) {
  if (value) sum = sum.value_or(0) + *value;
}

}  // namespace

MaybeNumber PoolTotals::Utilization() const {
  const MaybeNumber all = limit ? limit : size;
  if (!in_use || !all || *all <= 0) return std::nullopt;
  return *in_use / *all;
}

std::array<PoolTotals, kPoolCount> PoolTotalsOf(const std::vector<InstanceGroup>& groups) {
  std::array<PoolTotals, kPoolCount> totals;
  for (const InstanceGroup& group : groups) {
    for (const Process* process : group.processes) {
      for (std::size_t p = 0; p < kPoolCount; ++p) {
        const auto& reading = process->heartbeat.pools[p];
        if (!reading) continue;
        AddTo(reading->limit, totals[p].limit);
        AddTo(reading->size, totals[p].size);
        AddTo(reading->available, totals[p].available);
        AddTo(reading->in_use, totals[p].in_use);
        ++totals[p].reporting;
      }
    }
  }
  return totals;
}

namespace {

// A heartbeat key expires after 30 s: an index entry older than this is a leftover.
constexpr double kIndexSeconds = 600;
constexpr double kFutureSeconds = 86400;

std::string StreamOf(const ProcessName& name) {
  return absl::StrCat(name.instance_id, ":", name.process_id);
}

bool IsIngress(const ProcessName& name) {
  return name.service_type == kServiceType && name.service_name == ServiceName(Service::kIngress);
}

// Where a malformed heartbeat counts. Another service may be the capacity source, so it is proc's.
ReplyFaults& FaultsOf(const ProcessName& name, TargetFaults& faults) {
  return IsIngress(name) ? faults.ingress : faults.proc;
}

}  // namespace

void ProcessReader::Observe(std::string_view key) {
  if (key.size() > kMostKeyBytes) return;
  if (keys_.ParseHeartbeat(key)) {
    if (heartbeats_.size() < kMostInstances) heartbeats_.emplace(key);
  } else if (auto stream = keys_.ParseSse(key)) {
    if (found_streams_.size() < kMostInstances) found_streams_.insert(*std::move(stream));
  }
}

void ProcessReader::AddIndexCommands(const GatewayConfig& config, double now, Pipeline& pipeline) {
  asked_indexes_ = {
      keys_.ProcessIndex(Service::kIngress), keys_.ProcessIndex(Service::kProc),
      keys_.ProcessIndex(config.proc.capacity_source_type, config.proc.capacity_source_name)};
  for (const std::string& index : asked_indexes_) {
    pipeline.Add({"ZREVRANGEBYSCORE", index, absl::StrFormat("%.6f", now + kFutureSeconds),
                  absl::StrFormat("%.6f", now - kIndexSeconds), "LIMIT", "0",
                  std::to_string(kMostInstances)});
  }
}

void ProcessReader::ParseIndexReplies(ReplyStream& replies, TargetFaults& faults) {
  const std::string of_ingress = keys_.ProcessIndex(Service::kIngress);
  for (const std::string& index : asked_indexes_) {
    ReplyFaults& spoiled = index == of_ingress ? faults.ingress : faults.proc;
    const ReplyView members = replies.Next(spoiled);
    for (std::size_t i = 0; i < members.size(); ++i) {
      const auto key = members[i].Text();
      if (!key) continue;
      if (key->size() > kMostKeyBytes) ++spoiled.malformed;
      Observe(*key);
    }
  }
}

void ProcessReader::AddProcessCommands(Pipeline& pipeline) {
  asked_heartbeats_.assign(heartbeats_.begin(), heartbeats_.end());
  asked_streams_ = found_streams_;
  for (const std::string& key : asked_heartbeats_) {
    pipeline.Add({"GET", key});
    const auto name = keys_.ParseHeartbeat(key);
    if (IsIngress(*name)) asked_streams_.insert(StreamOf(*name));
  }
  for (const auto& [stream, known] : sse_.processes()) asked_streams_.insert(stream);
  for (const std::string& stream : asked_streams_) pipeline.Add({"GET", keys_.SseOf(stream)});
}

void ProcessReader::ParseProcessReplies(const GatewayConfig& config, double now,
                                        TolerantParser& parser, ReplyStream& replies,
                                        TargetFaults& faults) {
  processes_.clear();
  heartbeat_keys_ = 0;
  std::set<std::string> alive;
  for (const std::string& key : asked_heartbeats_) {
    const auto name = keys_.ParseHeartbeat(key);
    ReplyFaults& spoiled = FaultsOf(*name, faults);
    const ReplyView reply = replies.Next(spoiled);
    if (reply.IsNil()) {
      heartbeats_.erase(key);
      continue;
    }
    ++heartbeat_keys_;
    if (reply.IsError()) continue;
    auto heartbeat = ParseHeartbeat(parser, reply.Text().value_or(""));
    if (!heartbeat) {
      ++spoiled.malformed;
      continue;
    }
    spoiled.malformed += heartbeat->malformed;
    faults.other.malformed += heartbeat->malformed_pools;
    processes_.push_back(Classify(*std::move(heartbeat), config, now));
    if (processes_.back().FromTheFuture()) ++spoiled.malformed;
    if (IsIngress(*name) && processes_.back().status != Status::kStale) {
      alive.insert(StreamOf(*name));
    }
  }
  ParseStreamReplies(alive, config, now, parser, replies, faults.ingress);
}

void ProcessReader::ParseStreamReplies(const std::set<std::string>& alive,
                                       const GatewayConfig& config, double now,
                                       TolerantParser& parser, ReplyStream& replies,
                                       ReplyFaults& faults) {
  const SseLimits limits{.max_age = config.sse_max_age_seconds,
                         .gone = config.heartbeat_timeout_seconds};
  for (const std::string& stream : asked_streams_) {
    const ReplyView reply = replies.Next(faults);
    std::optional<SseEntry> entry;
    if (reply.IsNil()) {
      found_streams_.erase(stream);
    } else if (!reply.IsError()) {
      entry = ParseSseEntry(parser, reply.Text().value_or(""));
      if (!entry) ++faults.malformed;
    }
    sse_.Observe(stream, entry, alive.contains(stream), now, limits);
  }
  sse_.EndCycle();
  MarkDraining();
}

// Ingress processes do not report draining; see StreamWatch.
void ProcessReader::MarkDraining() {
  for (Process& process : processes_) {
    const Heartbeat& heartbeat = process.heartbeat;
    if (!heartbeat.Is(Service::kIngress) || !process.InFleet() || !heartbeat.process_id) continue;
    if (sse_.Drains(absl::StrCat(heartbeat.instance_id, ":", *heartbeat.process_id))) {
      process.status = Status::kDraining;
    }
  }
}

}  // namespace chatscale::redis
