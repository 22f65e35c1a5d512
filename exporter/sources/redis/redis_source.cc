#include "exporter/sources/redis/redis_source.h"

#include <algorithm>
#include <chrono>
#include <span>

#include "exporter/sources/redis/gateway_fallback.h"
#include "exporter/sources/redis/json_values.h"
#include "exporter/sources/redis/key_scan.h"
#include "exporter/sources/redis/redis_connection.h"
#include "exporter/sources/redis/redis_snapshot.h"
#include "exporter/sources/redis/system_json.h"
#include "exporter/sources/redis/target_set.h"

namespace chatscale {

using redis::Deadline;
using redis::Pipeline;
using redis::ReplyStream;
using redis::TargetReader;
using Readers = std::span<TargetReader* const>;

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kTargetsPerPipeline = 100;
constexpr std::size_t kScanStepKeys = 1000;
// Members of rolling sets that one round of replies may hold, all targets of a pipeline together.
constexpr std::size_t kMembersPerRound = 100'000;
constexpr std::size_t kMinPage = 250;
constexpr std::size_t kMaxPage = 5'000;
constexpr std::size_t kKeptScratchValues = 16'384;

bool IsAboutTheConnection(ErrorKind kind) {
  return kind == ErrorKind::kAuth || kind == ErrorKind::kLoading || kind == ErrorKind::kReadOnly;
}

// The nearest double, as a decimal number read from text would give it.
double UnixSeconds(absl::Time time) {
  const std::int64_t whole = absl::ToUnixSeconds(time);
  const absl::Duration rest = time - absl::FromUnixSeconds(whole);
  return static_cast<double>(whole) + static_cast<double>(absl::ToInt64Nanoseconds(rest)) / 1e9;
}

}  // namespace

class RedisSource::Impl {
 public:
  Impl(RedisSourceOptions options, redis::ConnectionOptions connection,
       redis::ReaderOptions reader_options, std::vector<Target> targets)
      : options_(std::move(options)),
        reader_options_(std::move(reader_options)),
        connection_(std::move(connection)),
        targets_(targets, options_.discover ? options_.max_discovered : 0, reader_options_),
        scan_(options_.discover || targets.size() != 1 ? nullptr : &targets.front()) {}

  std::vector<TargetReading> Take(absl::Time now, absl::Duration timeout);
  RedisTraffic traffic() const;
  std::size_t MemoryBytes() const;

 private:
  absl::Status Collect(Deadline half, Deadline end);
  absl::Status ScanAll(Deadline until, Deadline end);
  absl::Status TakeScan(ReplyStream& replies);
  absl::Status ReadFirst(Readers readers, bool with_scan, Deadline end);
  absl::Status ReadSecond(Readers readers, Deadline end);
  absl::Status ReadMore(Readers readers, Deadline end);
  std::vector<TargetReading> Conclude(const absl::Status& status);

  RedisSourceOptions options_;
  redis::ReaderOptions reader_options_;
  redis::Connection connection_;
  redis::TargetSet targets_;
  redis::KeyScan scan_;
  std::vector<TargetReader*> readers_;  // of this cycle
  redis::TolerantParser parser_;
  std::vector<double> scratch_;
  double now_ = 0;
};

std::vector<TargetReading> RedisSource::Impl::Take(absl::Time now, absl::Duration timeout) {
  now_ = UnixSeconds(now);
  readers_ = targets_.Readers();
  const SteadyClock::time_point start = SteadyClock::now();
  const auto allowed = absl::ToChronoNanoseconds(timeout);
  const absl::Status status = Collect(start + allowed / 2, start + allowed);
  std::vector<TargetReading> readings = Conclude(status);
  const absl::Duration taken = absl::FromChrono(SteadyClock::now() - start);
  for (TargetReading& reading : readings) reading.parts[0].duration = taken;
  targets_.DropVanished(now_);
  return readings;
}

absl::Status RedisSource::Impl::Collect(Deadline half, Deadline end) {
  const bool first_pass = scan_.passes() == 0;
  if (first_pass) {
    if (absl::Status status = ScanAll(half, end); !status.ok()) return status;
  }
  readers_ = targets_.Readers();  // those found from here on are read in the next cycle
  const std::vector<TargetReader*>& all = readers_;
  for (std::size_t i = 0; i < all.size(); i += kTargetsPerPipeline) {
    const Readers some = Readers(all).subspan(i, std::min(kTargetsPerPipeline, all.size() - i));
    if (absl::Status status = ReadFirst(some, !first_pass && i == 0, end); !status.ok()) {
      return status;
    }
    if (absl::Status status = ReadSecond(some, end); !status.ok()) return status;
  }
  std::vector<TargetReader*> unfinished = all;
  while (SteadyClock::now() < half) {
    std::erase_if(unfinished, [](const TargetReader* r) { return !r->NeedsMore(); });
    if (unfinished.empty()) break;
    for (std::size_t i = 0; i < unfinished.size(); i += kTargetsPerPipeline) {
      const Readers some =
          Readers(unfinished).subspan(i, std::min(kTargetsPerPipeline, unfinished.size() - i));
      if (absl::Status status = ReadMore(some, end); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

// The first walk through the keys, as far as the time allows.
absl::Status RedisSource::Impl::ScanAll(Deadline until, Deadline end) {
  do {
    Pipeline pipeline;
    scan_.AskStep(kScanStepKeys, pipeline);
    const auto replies = connection_.Run(pipeline, end);
    if (!replies.ok()) return replies.status();
    ReplyStream stream(*replies);
    if (absl::Status status = TakeScan(stream); !status.ok()) return status;
  } while (scan_.passes() == 0 && SteadyClock::now() < until);
  return absl::OkStatus();
}

absl::Status RedisSource::Impl::TakeScan(ReplyStream& replies) {
  redis::ReplyFaults faults;
  for (const std::string_view key : scan_.TakeStep(replies, faults)) targets_.Meet(key, now_);
  if (IsAboutTheConnection(KindOf(faults.status))) connection_.Close();
  return faults.status;
}

absl::Status RedisSource::Impl::ReadFirst(Readers readers, bool with_scan, Deadline end) {
  constexpr std::size_t kSets = 4;
  const std::size_t page =
      std::clamp(kMembersPerRound / (kSets * readers.size()), kMinPage, kMaxPage);
  Pipeline pipeline;
  if (with_scan) scan_.AskStep(kScanStepKeys, pipeline);
  for (TargetReader* reader : readers) reader->AskFirst(now_, page, pipeline);
  const auto replies = connection_.Run(pipeline, end);
  if (!replies.ok()) return replies.status();
  ReplyStream stream(*replies);
  if (with_scan) {
    if (absl::Status status = TakeScan(stream); !status.ok()) return status;
  }
  for (TargetReader* reader : readers) reader->TakeFirst(parser_, stream);
  return absl::OkStatus();
}

absl::Status RedisSource::Impl::ReadSecond(Readers readers, Deadline end) {
  Pipeline pipeline;
  for (TargetReader* reader : readers) reader->AskSecond(pipeline);
  const auto replies = connection_.Run(pipeline, end);
  if (!replies.ok()) return replies.status();
  ReplyStream stream(*replies);
  for (TargetReader* reader : readers) reader->TakeSecond(parser_, stream);
  return absl::OkStatus();
}

absl::Status RedisSource::Impl::ReadMore(Readers readers, Deadline end) {
  Pipeline pipeline;
  for (TargetReader* reader : readers) reader->AskMore(pipeline);
  const auto replies = connection_.Run(pipeline, end);
  if (!replies.ok()) return replies.status();
  ReplyStream stream(*replies);
  for (TargetReader* reader : readers) reader->TakeMore(parser_, stream);
  return absl::OkStatus();
}

std::vector<TargetReading> RedisSource::Impl::Conclude(const absl::Status& status) {
  std::optional<std::int64_t> max_connections;
  if (options_.postgres_max_connections) max_connections = options_.postgres_max_connections();
  std::vector<TargetReading> readings;
  for (TargetReader* reader : readers_) {
    PartReading part;
    part.source = "redis";
    if (!status.ok()) {
      part.snapshot = status;
    } else {
      const auto state = reader->Finish(max_connections, scratch_);
      if (state.ok()) {
        part.snapshot = redis::SnapshotOf(**state);
        part.document = [kept = *state] { return redis::SystemJson(*kept); };
      } else {
        part.snapshot = state.status();
        if (IsAboutTheConnection(KindOf(state.status()))) connection_.Close();
      }
    }
    readings.push_back({.target = reader->target(), .parts = {std::move(part)}});
  }
  if (readings.empty() &&
      !status.ok()) {  // nobody discovered yet: the failure is told all the same
    readings.push_back({.target = {}, .parts = {{.source = "redis", .snapshot = status}}});
  }
  return readings;
}

RedisTraffic RedisSource::Impl::traffic() const {
  const redis::Traffic& t = connection_.traffic();
  return {t.round_trips, t.commands, t.bytes_sent, t.bytes_received, t.connects};
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
  redis::ConnectionOptions connection{.address = *address,
                                      .password_file = options.password_file,
                                      .tls_ca_file = options.tls_ca_file};
  redis::ReaderOptions readers{.instance_id = options.instance_id,
                               .fallback = *fallback,
                               .force_fallback = options.force_environment_config};
  return std::unique_ptr<RedisSource>(new RedisSource(std::make_unique<Impl>(
      std::move(options), std::move(connection), std::move(readers), std::move(targets))));
}

RedisSource::RedisSource(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RedisSource::~RedisSource() = default;

std::vector<TargetReading> RedisSource::Take(absl::Time now, absl::Duration timeout) {
  return impl_->Take(now, timeout);
}

RedisTraffic RedisSource::traffic() const { return impl_->traffic(); }
std::size_t RedisSource::MemoryBytes() const { return impl_->MemoryBytes(); }

}  // namespace chatscale
