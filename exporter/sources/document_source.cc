#include "exporter/sources/document_source.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <thread>

#include "exporter/document/json.h"
#include "exporter/document/monitoring_json.h"
#include "exporter/model/clock.h"
#include "exporter/model/error_kind.h"
#include "exporter/model/try_thread.h"

namespace chatscale {
namespace {

using Steady = std::chrono::steady_clock;

// Healthy services mostly respond within this time: then one publication covers both.
constexpr std::chrono::milliseconds kTogether{100};
// A fetch that times out returns a little after its timeout.
constexpr absl::Duration kMargin = absl::Milliseconds(250);

SourceSample Read(const DocumentPart& part, absl::Time now, absl::Duration timeout) {
  SourceSample sample;
  sample.service = part.service;
  sample.source = part.source;
  const Stopwatch begun;
  absl::StatusOr<std::string> bytes = part.fetch(now, timeout);
  if (bytes.ok()) {
    sample.snapshot = ParseMonitoringDocument(*bytes);
  } else {
    sample.snapshot = bytes.status();
  }
  sample.duration = begun.Elapsed();
  if (sample.snapshot.ok()) {
    sample.document = [text = std::make_shared<const std::string>(*std::move(bytes))] {
      return TolerantJson(*text);
    };
  }
  return sample;
}

}  // namespace

// Shared with the fetching thread, which may outlive the source.
struct DocumentSource::PendingFetch {
  explicit PendingFetch(DocumentPart fetched) : part(std::move(fetched)) {}

  // Waits for the fetch until the deadline `until`; true when it has ended.
  bool Wait(Steady::time_point until) {
    std::unique_lock lock(mutex);
    return finished.wait_until(lock, until, [this] { return sample.has_value(); });
  }

  const DocumentPart part;
  std::thread thread;  // used by the source only: joined when the fetch has ended, else detached
  std::mutex mutex;
  std::condition_variable finished;
  std::optional<SourceSample> sample;
};

DocumentSource::DocumentSource(Target target, std::vector<DocumentPart> parts,
                               std::optional<absl::Duration> longest_wait)
    : target_(std::move(target)),
      parts_(std::move(parts)),
      longest_wait_(longest_wait),
      pending_(parts_.size()) {}

DocumentSource::~DocumentSource() {
  for (const auto& fetch : pending_) {
    if (fetch == nullptr) continue;
    if (fetch->Wait(Steady::now())) {
      if (fetch->thread.joinable()) fetch->thread.join();
    } else {
      fetch->thread.detach();
    }
  }
}

bool DocumentSource::Busy() const {
  return std::any_of(pending_.begin(), pending_.end(), [](const auto& fetch) {
    return fetch != nullptr && !fetch->Wait(Steady::now());
  });
}

void DocumentSource::Launch(std::size_t part, absl::Time now, absl::Duration timeout) {
  auto fetch = std::make_shared<PendingFetch>(parts_[part]);
  pending_[part] = fetch;
  auto thread = TryThread([fetch, now, timeout] {
    SourceSample sample = Read(fetch->part, now, timeout);
    const std::lock_guard lock(fetch->mutex);
    fetch->sample = std::move(sample);
    fetch->finished.notify_all();
  });
  if (thread) {
    fetch->thread = *std::move(thread);
    return;
  }
  fetch->sample = SourceSample{.service = parts_[part].service, .source = parts_[part].source};
  fetch->sample->snapshot = KindError(ErrorKind::kConnect, "no thread to fetch it");
}

std::vector<SourceSample> DocumentSource::FinishedFetches() {
  std::vector<SourceSample> samples;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (pending_[i] == nullptr) continue;
    if (pending_[i]->Wait(Steady::now())) {
      if (pending_[i]->thread.joinable()) pending_[i]->thread.join();  // ends at once
      samples.push_back(*std::move(pending_[i]->sample));
      pending_[i].reset();
    } else {
      samples.push_back(
          {.service = parts_[i].service, .source = parts_[i].source, .pending = true});
    }
  }
  return samples;
}

// A tenant or project that is not configured is taken from the documents, and kept from then on.
TargetSample DocumentSource::SampleOf(std::vector<SourceSample> parts) {
  for (const SourceSample& part : parts) {
    if (part.pending || !part.snapshot.ok()) continue;
    if (target_.tenant.empty()) target_.tenant = part.snapshot->named.tenant;
    if (target_.project.empty()) target_.project = part.snapshot->named.project;
  }
  return {.target = target_, .parts = std::move(parts)};
}

std::vector<TargetSample> DocumentSource::Collect(absl::Time now, absl::Duration timeout) {
  std::vector<SourceSample> samples;
  if (!longest_wait_) {
    for (const DocumentPart& part : parts_) samples.push_back(Read(part, now, timeout));
    return {SampleOf(std::move(samples))};
  }
  const Steady::time_point start = Steady::now();
  const auto until = start + absl::ToChronoNanoseconds(std::min(timeout + kMargin, *longest_wait_));
  samples = FinishedFetches();  // late responses of the last cycle
  std::erase_if(samples, [](const SourceSample& sample) { return sample.pending; });
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (pending_[i] == nullptr) Launch(i, now, timeout);
  }
  const auto all_by = [this](Steady::time_point instant) {
    bool all = true;
    for (const auto& fetch : pending_) all = (fetch == nullptr || fetch->Wait(instant)) && all;
    return all;
  };
  if (!all_by(std::min(start + kTogether, until)) && early_) {
    std::vector<SourceSample> early = FinishedFetches();
    samples.insert(samples.end(), std::make_move_iterator(early.begin()),
                   std::make_move_iterator(early.end()));
    early_(SampleOf(std::exchange(samples, {})));
  }
  all_by(until);
  std::vector<SourceSample> rest = FinishedFetches();
  samples.insert(samples.end(), std::make_move_iterator(rest.begin()),
                 std::make_move_iterator(rest.end()));
  return {SampleOf(std::move(samples))};
}

}  // namespace chatscale
