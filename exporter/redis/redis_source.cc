#include "exporter/redis/redis_source.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <functional>
#include <span>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "exporter/files/log.h"
#include "exporter/model/snapshot.h"
#include "exporter/redis/discovery.h"
#include "exporter/redis/gateway_fallback.h"
#include "exporter/redis/json_values.h"
#include "exporter/redis/redis_snapshot.h"
#include "exporter/redis/system_json.h"
#include "exporter/redis/wire/connection.h"

namespace chatscale {

using redis::Deadline;
using redis::Pipeline;
using redis::Reply;
using redis::ReplyStream;
using redis::TargetReader;
using Readers = std::span<TargetReader* const>;

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kTargetsPerPipeline = 100;
// COUNT of one SCAN, which blocks Redis for about a millisecond.
constexpr std::size_t kScanStepKeys = 1'000;
constexpr std::size_t kFewestScanStepKeys = 10;  // after failed steps
// Per cycle. After each step there is a pause as long as the step, for other clients of Redis.
constexpr std::chrono::milliseconds kScanBudget{250};
// A target whose replies take longer to parse is isolated: read after the others from then on.
constexpr std::chrono::milliseconds kLongTake{100};
// Bound of the rolling sets' members in the replies to one pipeline, over all its targets.
constexpr std::size_t kMembersPerRound = 100'000;
constexpr std::size_t kMinPage = 250;
constexpr std::size_t kMaxPage = 5'000;
// A target above these is isolated, so that a group cannot exceed the bounds of a pipeline.
constexpr std::uint64_t kFairBytes = (64UL << 20) / kTargetsPerPipeline;
constexpr std::uint64_t kFairElements = (1UL << 19) / kTargetsPerPipeline;
// Per cycle, over all isolated targets.
constexpr std::uint64_t kMostBytesAlone = 256UL << 20;
constexpr std::size_t kFirstBytesAlone = 1UL << 20;
constexpr std::size_t kKeptScratchValues = 16'384;
// Time until the server's name is resolved again, with a new connection.
constexpr std::chrono::seconds kConnectionLife{60};

bool IsAboutTheConnection(ErrorKind kind) {
  return kind == ErrorKind::kAuth || kind == ErrorKind::kLoading || kind == ErrorKind::kReadOnly;
}

// The failure may be caused by one target, or by long keys.
bool IsOfOneTarget(ErrorKind kind) {
  return kind == ErrorKind::kTimeout || kind == ErrorKind::kTooLarge;
}

// The nearest double, as parsing the decimal number would give it.
double UnixSeconds(absl::Time time) {
  const std::int64_t whole = absl::ToUnixSeconds(time);
  const absl::Duration rest = time - absl::FromUnixSeconds(whole);
  return static_cast<double>(whole) + static_cast<double>(absl::ToInt64Nanoseconds(rest)) / 1e9;
}

}  // namespace

class RedisSource::Impl {
 public:
  Impl(RedisSourceOptions options, const std::vector<Target>& targets)
      : options_(std::move(options)),
        connection_(std::make_unique<redis::Connection>(options_.connection)),
        targets_(targets, options_.discover ? options_.max_discovered : 0, options_.reader),
        scan_(options_.discover || targets.size() != 1 ? nullptr : &targets.front()) {}

  std::vector<TargetSample> Collect(absl::Time now, absl::Duration timeout);
  const redis::Traffic& traffic() const { return connection_->traffic(); }
  std::size_t MemoryBytes() const;
  std::size_t left_out() const { return targets_.left_out(); }
  bool busy() const { return options_.postgres && options_.postgres->Busy(); }
  void set_progress(Progress* progress) { progress_ = progress; }

 private:
  void Renew(Deadline end);
  void RenewAfterVanishing();
  absl::Status Collect(Deadline half, Deadline end);
  absl::Status Scan(Deadline until, Deadline half);
  void Discover(const std::vector<std::string>& heartbeats, Deadline until);
  void LogLeftOut();
  absl::Status ReadGroups(Deadline end);
  absl::Status ReadAlone(std::vector<TargetReader*> readers, Deadline end);
  absl::Status ReadGroup(Readers group, Deadline end);
  absl::Status ReadSecond(Readers group, Deadline end);
  void ReadHistory(Deadline half, Deadline end);
  using AddCommands = std::function<void(TargetReader&, Pipeline&)>;
  using ParseReplies = std::function<void(TargetReader&, ReplyStream&)>;
  absl::Status Exchange(Readers group, Deadline end, const AddCommands& add_commands,
                        const ParseReplies& parse_replies);
  absl::Status ParseEach(Readers group, ReplyStream& replies, Deadline end,
                         const ParseReplies& parse_replies);
  std::vector<TargetSample> MakeSamples(const absl::Status& status, Deadline end);
  void MakeSample(TargetReader& reader, std::optional<std::int64_t> max_connections,
                  SourceSample& part);
  void At(const char* step, const TargetReader& reader) const {
    if (progress_ != nullptr) progress_->At(step, reader.target());
  }
  void LogMissing(Deadline until, std::vector<TargetSample>& samples);

  RedisSourceOptions options_;
  std::unique_ptr<redis::Connection> connection_;
  SteadyClock::time_point renew_at_ = SteadyClock::now() + kConnectionLife;
  redis::TargetSet targets_;
  redis::KeyScan scan_;
  redis::TenantSurvey survey_;
  std::vector<TargetReader*> readers_;  // of this cycle
  redis::TolerantParser parser_;
  std::vector<double> scratch_;
  double now_ = 0;
  std::uint64_t connects_ = 0;  // as of the last exchange
  bool alive_ = false;          // in the last cycle any process lived
  std::size_t logged_left_out_ = 0;
  std::size_t scan_step_keys_ = kScanStepKeys;
  std::size_t batch_bytes_ = 0;  // bound of the current target's replies; 0: the connection's own
  Progress* progress_ = nullptr;
};

std::vector<TargetSample> RedisSource::Impl::Collect(absl::Time now, absl::Duration timeout) {
  now_ = UnixSeconds(now);
  readers_ = targets_.Readers();
  const SteadyClock::time_point start = SteadyClock::now();
  const auto allowed = absl::ToChronoNanoseconds(timeout);
  Renew(start + allowed / 4);
  const absl::Status status = Collect(start + allowed / 2, start + allowed);
  std::vector<TargetSample> samples = MakeSamples(status, start + allowed);
  LogMissing(start + allowed / 2, samples);
  if (status.ok()) RenewAfterVanishing();
  const absl::Duration taken = absl::FromChrono(SteadyClock::now() - start);
  for (TargetSample& sample : samples) sample.parts[0].duration = taken;
  for (const auto& [target, tasks] : targets_.DropVanished(now_)) {
    Log(LogLevel::kWarning, "a tenant is gone, and tasks are left in its queue",
        {{"tenant", target.tenant},
         {"project", target.project},
         {"tasks", std::to_string(static_cast<std::int64_t>(tasks))}});
  }
  // A busy tenant's hour of samples: not needed until the next cycle.
  if (scratch_.capacity() > kKeptScratchValues) std::vector<double>().swap(scratch_);
  return samples;
}

// Reconnects: a failover may have moved the name to another server while the old one keeps this
// connection. The old connection stays in use until the new one is open.
void RedisSource::Impl::Renew(Deadline end) {
  const Deadline now = SteadyClock::now();
  if (now < renew_at_ || !connection_->is_open()) return;
  renew_at_ = now + kConnectionLife;
  auto fresh = std::make_unique<redis::Connection>(options_.connection);
  if (!fresh->Open(end).ok()) return;
  fresh->CountAlso(connection_->traffic());
  connection_ = std::move(fresh);
}

// All heartbeats expired at once while the server responds: it may be cut off from the system.
void RedisSource::Impl::RenewAfterVanishing() {
  const bool alive =
      std::ranges::any_of(readers_, [](const TargetReader* reader) { return reader->alive(); });
  if (std::exchange(alive_, alive) && !alive) renew_at_ = SteadyClock::now();
}

absl::Status RedisSource::Impl::Collect(Deadline half, Deadline end) {
  // The first SCAN walk runs until the deadline, later ones are limited to kScanBudget per cycle.
  const Deadline now = SteadyClock::now();
  const Deadline until = scan_.passes() == 0 ? half : std::min(half, now + kScanBudget);
  absl::Status scanned = scan_.Due(now_) ? Scan(until, half) : absl::OkStatus();
  readers_ = targets_.Readers();
  if (!scanned.ok()) return scanned;
  absl::Status read = ReadGroups(end);
  if (read.ok() || IsOfOneTarget(KindOf(read))) ReadHistory(half, end);
  return read;
}

// Fails only where no target can be read. With too many or too long keys the walk stops, and the
// known targets are still read.
absl::Status RedisSource::Impl::Scan(Deadline until, Deadline half) {
  const int passes = scan_.passes();
  do {
    const Deadline begun = SteadyClock::now();
    Pipeline pipeline;
    pipeline.max_bulk_bytes = kMostKeyBytes;
    scan_.AddCommands(scan_step_keys_, pipeline);
    const auto replies = connection_->Run(pipeline, half);
    if (!replies.ok()) {
      scan_step_keys_ = std::max(scan_step_keys_ / 4, kFewestScanStepKeys);
      return IsOfOneTarget(KindOf(replies.status())) ? absl::OkStatus() : replies.status();
    }
    ReplyStream stream(*replies);
    redis::ReplyFaults faults;
    std::vector<std::string> unknown;
    for (const std::string_view key : scan_.ParseReplies(now_, stream, faults)) {
      if (targets_.Observe(key, now_)) unknown.emplace_back(key);
    }
    if (IsAboutTheConnection(KindOf(faults.status))) connection_->Close();
    if (!faults.status.ok()) return faults.status;
    Discover(unknown, until);
    if (scan_.passes() != passes) {
      scan_step_keys_ = kScanStepKeys;
      targets_.EndWalk();
      LogLeftOut();
      break;
    }
    const Deadline done = SteadyClock::now();
    std::this_thread::sleep_until(std::min(done + (done - begun), until));
  } while (SteadyClock::now() < until);
  return absl::OkStatus();
}

// Adds targets that have a readable heartbeat. After the deadline they are left to the next walk.
void RedisSource::Impl::Discover(const std::vector<std::string>& heartbeats, Deadline until) {
  constexpr std::size_t kAtOnce = 50;  // heartbeats of up to kMostHeartbeatBytes each
  for (std::size_t i = 0; i < heartbeats.size(); i += kAtOnce) {
    const auto some = std::span(heartbeats).subspan(i, std::min(kAtOnce, heartbeats.size() - i));
    Pipeline pipeline;
    pipeline.max_bulk_bytes = kMostHeartbeatBytes;
    for (const std::string& key : some) pipeline.Add({"GET", key});
    const auto replies = connection_->Run(pipeline, until);
    if (!replies.ok()) return;
    ReplyStream stream(*replies);
    redis::ReplyFaults faults;
    for (const std::string& key : some) {
      const redis::ReplyView reply = stream.Next(faults);
      if (!reply.IsError() && redis::ParseHeartbeat(parser_, reply.Text().value_or(""))) {
        targets_.Discover(key, now_);
      } else {
        targets_.Ignore(key);
      }
    }
  }
}

void RedisSource::Impl::LogLeftOut() {
  const std::size_t left_out = targets_.left_out();
  if (std::exchange(logged_left_out_, left_out) == left_out) return;
  Log(left_out > 0 ? LogLevel::kError : LogLevel::kInfo,
      left_out > 0 ? "more tenants than are read: some are left out" : "no tenant is left out",
      {{"left_out", std::to_string(left_out)}, {"read", std::to_string(options_.max_discovered)}});
}

// Targets share pipelines. When a group's pipeline fails, each of its targets is retried alone;
// those with large replies stay isolated.
absl::Status RedisSource::Impl::ReadGroups(Deadline end) {
  std::vector<TargetReader*> together, alone;
  for (TargetReader* reader : readers_) {
    reader->Begin();
    (reader->isolated ? alone : together).push_back(reader);
  }
  absl::Status failed;
  // New targets share pipelines with each other, as their sizes are unknown.
  std::ranges::stable_sort(together, {}, [](const TargetReader* reader) { return !reader->known; });
  for (std::size_t i = 0; i < together.size(); i += kTargetsPerPipeline) {
    const Readers group =
        Readers(together).subspan(i, std::min(kTargetsPerPipeline, together.size() - i));
    const Deadline now = SteadyClock::now();
    if (now >= end) return KindError(ErrorKind::kTimeout, "no time was left to read");
    absl::Status status = ReadGroup(group, readers_.size() == 1 ? end : now + (end - now) / 4 * 3);
    for (TargetReader* reader : group) reader->known = reader->known || status.ok();
    if (status.ok()) continue;
    if (!IsOfOneTarget(KindOf(status)) || readers_.size() == 1) return status;
    failed = status;
    for (TargetReader* reader : group) {
      reader->isolated = true;
      alone.push_back(reader);
    }
  }
  absl::Status status = ReadAlone(std::move(alone), end);
  return status.ok() ? failed : status;
}

// Targets read before come first, ordered by the size of their replies, so that a large one delays
// no other. The first read of a target is limited to kFirstBytesAlone; above, it is retried last.
absl::Status RedisSource::Impl::ReadAlone(std::vector<TargetReader*> readers, Deadline end) {
  // By order of magnitude, so that those that miss the deadline are the same in each cycle.
  std::ranges::stable_sort(readers, {}, [](const TargetReader* reader) {
    return std::pair(!reader->known, std::bit_width(reader->bytes_alone));
  });
  const std::uint64_t begun = connection_->traffic().bytes_received;
  absl::Status failed;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    TargetReader& reader = *readers[i];
    const redis::Traffic before = connection_->traffic();
    if (before.bytes_received - begun > kMostBytesAlone) {
      return KindError(ErrorKind::kTooLarge, "others that send much were read in this cycle");
    }
    const Deadline now = SteadyClock::now();
    if (now >= end) return KindError(ErrorKind::kTimeout, "no time was left to read");
    const bool first = reader.bytes_alone == 0 && readers_.size() > 1;
    batch_bytes_ = first ? kFirstBytesAlone : 0;
    const Deadline share = i + 1 == readers.size() ? end : now + (end - now) / 4;
    absl::Status status = ReadGroup(Readers(&readers[i], 1), share);
    batch_bytes_ = 0;
    const redis::Traffic& after = connection_->traffic();
    reader.bytes_alone = after.bytes_received - before.bytes_received;
    reader.isolated = !status.ok() || reader.taken > kLongTake || reader.bytes_alone > kFairBytes ||
                      after.elements_received - before.elements_received > kFairElements;
    reader.known = reader.known || status.ok();
    if (status.ok()) continue;
    if (!IsOfOneTarget(KindOf(status))) return status;
    if (first && KindOf(status) == ErrorKind::kTooLarge) {
      readers.push_back(&reader);
    } else {
      failed = status;
    }
  }
  return failed;
}

absl::Status RedisSource::Impl::ReadGroup(Readers group, Deadline end) {
  constexpr std::size_t kSets = 4;
  const std::size_t page =
      std::clamp(kMembersPerRound / (kSets * group.size()), kMinPage, kMaxPage);
  absl::Status status = Exchange(
      group, end,
      [&](TargetReader& reader, Pipeline& pipeline) {
        reader.AddFirstCommands(now_, page, pipeline);
      },
      [&](TargetReader& reader, ReplyStream& replies) {
        reader.ParseFirstReplies(parser_, replies);
      });
  if (!status.ok()) return status;
  return ReadSecond(group, end);
}

// The heads of all targets' queues come last: they are optional, and a task may be large and is
// transferred as a whole.
absl::Status RedisSource::Impl::ReadSecond(Readers group, Deadline end) {
  Pipeline pipeline;
  pipeline.max_batch_bytes = batch_bytes_;
  for (TargetReader* reader : group) reader->AddSecondCommands(pipeline);
  const std::size_t needed = pipeline.size();
  std::vector<TargetReader*> heads(group.begin(), group.end());
  std::erase_if(heads, [](const TargetReader* reader) { return !reader->WantsHeads(); });
  std::vector<std::size_t> ends;  // of their commands
  for (TargetReader* reader : heads) {
    reader->AddHeadCommands(pipeline);
    ends.push_back(pipeline.size());
  }
  std::vector<Reply> partial;
  const auto complete = connection_->Run(pipeline, end, &partial);
  const std::vector<Reply>& replies = complete.ok() ? *complete : partial;
  if (replies.size() < needed) return complete.status();
  ReplyStream stream(replies);
  absl::Status taken = ParseEach(group, stream, end, [&](TargetReader& reader, ReplyStream& own) {
    reader.ParseSecondReplies(parser_, own);
  });
  if (!taken.ok()) return taken;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (replies.size() < ends[i]) {
      heads[i]->HeadsFailed();  // still in transfer at the deadline
      break;
    }
    heads[i]->ParseHeadReplies(parser_, stream);
  }
  return absl::OkStatus();
}

// Backfill of the time before the first cycle. After a failure it continues in the next cycle.
void RedisSource::Impl::ReadHistory(Deadline half, Deadline end) {
  std::vector<TargetReader*> unfinished = readers_;
  std::erase_if(unfinished, [](const TargetReader* reader) { return !reader->read(); });
  std::stable_partition(unfinished.begin(), unfinished.end(),
                        [](const TargetReader* reader) { return !reader->isolated; });
  while (SteadyClock::now() < half) {
    std::erase_if(unfinished, [](const TargetReader* r) { return !r->NeedsMore(); });
    if (unfinished.empty()) break;
    std::size_t size = 0;
    for (std::size_t i = 0; i < unfinished.size(); i += size) {
      size = unfinished[i]->isolated ? 1 : std::min(kTargetsPerPipeline, unfinished.size() - i);
      const Readers some = Readers(unfinished).subspan(i, size);
      const absl::Status status = Exchange(
          some, end,
          [](TargetReader& reader, Pipeline& pipeline) { reader.AddBackfillCommands(pipeline); },
          [&](TargetReader& reader, ReplyStream& replies) {
            reader.ParseBackfillReplies(parser_, replies);
          });
      if (status.ok()) continue;
      for (TargetReader* reader : some) reader->isolated = readers_.size() > 1;
      return;
    }
  }
}

absl::Status RedisSource::Impl::Exchange(Readers group, Deadline end,
                                         const AddCommands& add_commands,
                                         const ParseReplies& parse_replies) {
  Pipeline pipeline;
  pipeline.max_batch_bytes = batch_bytes_;
  for (TargetReader* reader : group) add_commands(*reader, pipeline);
  const auto replies = connection_->Run(pipeline, end);
  if (connection_->traffic().connects !=
      std::exchange(connects_, connection_->traffic().connects)) {
    for (TargetReader* reader : readers_) reader->OnReconnect();
  }
  if (!replies.ok()) return replies.status();
  ReplyStream stream(*replies);
  return ParseEach(group, stream, end, parse_replies);
}

// Each target parses its replies, until the deadline.
absl::Status RedisSource::Impl::ParseEach(Readers group, ReplyStream& replies, Deadline end,
                                          const ParseReplies& parse_replies) {
  for (TargetReader* reader : group) {
    const Deadline begun = SteadyClock::now();
    if (begun >= end) return KindError(ErrorKind::kTimeout, "the replies came too late to be read");
    At("read", *reader);
    parse_replies(*reader, replies);
    reader->taken += SteadyClock::now() - begun;
  }
  return absl::OkStatus();
}

// Evaluates what was read; isolated targets last, in the time left until the deadline.
std::vector<TargetSample> RedisSource::Impl::MakeSamples(const absl::Status& status, Deadline end) {
  std::optional<std::int64_t> max_connections;
  if (options_.postgres) max_connections = options_.postgres->Current();
  std::vector<TargetSample> samples;
  for (const TargetReader* reader : readers_) {
    SourceSample part;
    part.source = "redis";
    if (!status.ok()) part.snapshot = status;
    samples.push_back({.target = reader->target(), .parts = {std::move(part)}});
  }
  for (const bool isolated : {false, true}) {
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      TargetReader& reader = *readers_[i];
      SourceSample& part = samples[i].parts[0];
      if (reader.isolated != isolated || (!status.ok() && !reader.read())) continue;
      const Deadline begun = SteadyClock::now();
      if (begun >= end) {
        part.snapshot =
            KindError(ErrorKind::kTimeout, "no time was left to evaluate what was read");
        continue;
      }
      At("evaluate what was read", reader);
      MakeSample(reader, max_connections, part);
      reader.taken += SteadyClock::now() - begun;
    }
  }
  for (TargetReader* reader : readers_) reader->isolated |= reader->taken > kLongTake;
  if (samples.empty() &&
      !status.ok()) {  // no target discovered yet: the failure is reported without one
    samples.push_back({.target = {}, .parts = {{.source = "redis", .snapshot = status}}});
  }
  return samples;
}

void RedisSource::Impl::MakeSample(TargetReader& reader,
                                   std::optional<std::int64_t> max_connections,
                                   SourceSample& part) {
  const auto state = reader.Finish(max_connections, scratch_);
  if (!state.ok()) {
    part.snapshot = state.status();
    if (IsAboutTheConnection(KindOf(state.status()))) connection_->Close();
    return;
  }
  part.snapshot = redis::SnapshotOf(**state);
  part.document = [kept = *state] { return redis::SystemJson(*kept); };
}

// Reports a target that is not in this Redis at all, rather than down: its name may be wrong.
void RedisSource::Impl::LogMissing(Deadline until, std::vector<TargetSample>& samples) {
  const auto missing = [](const TargetReader* reader) {
    return reader->read() && reader->missing();
  };
  if (options_.discover || std::ranges::none_of(readers_, missing)) return;
  while (survey_.Due(now_) && SteadyClock::now() < until) {
    Pipeline pipeline;
    survey_.AddCommands(kScanStepKeys, pipeline);
    const auto replies = connection_->Run(pipeline, until);
    if (!replies.ok()) break;
    ReplyStream stream(*replies);
    redis::ReplyFaults faults;
    survey_.ParseReplies(now_, stream, faults);
    if (!faults.status.ok()) break;
  }
  const std::string found = survey_.Found();
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    if (!missing(readers_[i]) || !samples[i].parts[0].snapshot.ok()) continue;
    const std::string& leftovers = readers_[i]->leftovers();
    if (found.empty() && leftovers.empty()) continue;  // an empty Redis: a new system
    const Target& target = readers_[i]->target();
    std::string text = absl::StrCat("tenant ", target.tenant, ", project ", target.project,
                                    " is not in this Redis");
    if (!leftovers.empty()) absl::StrAppend(&text, " any more: ", leftovers);
    if (!found.empty()) absl::StrAppend(&text, "; it has ", found);
    samples[i].parts[0].snapshot = KindError(ErrorKind::kNotFound, text);
  }
}

std::size_t RedisSource::Impl::MemoryBytes() const {
  std::size_t bytes = scratch_.capacity() * sizeof(double);
  for (const TargetReader* reader : targets_.Readers()) bytes += reader->MemoryBytes();
  return bytes;
}

absl::StatusOr<std::unique_ptr<RedisSource>> RedisSource::Create(RedisSourceOptions options) {
  const auto address = redis::ParseUrl(options.url);
  if (!address.ok()) return address.status();
  auto fallback =
      redis::ReadGatewayFallback(options.gateway_config_json, options.gateway_yaml_path);
  if (!fallback.ok()) return fallback.status();
  std::vector<Target> targets = options.targets;
  if (targets.empty() && !options.discover) {
    targets.push_back(redis::TargetOf(**fallback, options.environment_target));
  }
  options.connection.address = *address;
  options.reader.fallback = *fallback;
  return std::unique_ptr<RedisSource>(
      new RedisSource(std::make_unique<Impl>(std::move(options), targets)));
}

RedisSource::RedisSource(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RedisSource::~RedisSource() = default;

std::vector<TargetSample> RedisSource::Collect(absl::Time now, absl::Duration timeout) {
  return impl_->Collect(now, timeout);
}

void RedisSource::SetProgress(Progress* progress) { impl_->set_progress(progress); }
std::size_t RedisSource::LeftOut() const { return impl_->left_out(); }
bool RedisSource::Busy() const { return impl_->busy(); }
redis::Traffic RedisSource::traffic() const { return impl_->traffic(); }
std::size_t RedisSource::MemoryBytes() const { return impl_->MemoryBytes(); }

}  // namespace chatscale
