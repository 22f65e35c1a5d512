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

// Services that answer at all mostly do so within this: then one publication tells of both.
constexpr std::chrono::milliseconds kTogether{100};
// A fetch that fails for lack of time does so a little after its timeout.
constexpr absl::Duration kMargin = absl::Milliseconds(250);

PartReading Read(const DocumentPart& part, absl::Time now, absl::Duration timeout) {
  PartReading reading;
  reading.service = part.service;
  reading.source = part.source;
  const Stopwatch begun;
  absl::StatusOr<std::string> bytes = part.fetch(now, timeout);
  if (bytes.ok()) {
    reading.snapshot = ParseMonitoringDocument(*bytes);
  } else {
    reading.snapshot = bytes.status();
  }
  reading.duration = begun.Elapsed();
  if (reading.snapshot.ok()) {
    reading.document = [text = std::make_shared<const std::string>(*std::move(bytes))] {
      return TolerantJson(*text);
    };
  }
  return reading;
}

}  // namespace

// Shared with the thread that fetches, which may outlive the source.
struct DocumentSource::Flight {
  explicit Flight(DocumentPart fetched) : part(std::move(fetched)) {}

  // Whether the reading is there, waiting for it until `until`.
  bool Wait(Steady::time_point until) {
    std::unique_lock lock(mutex);
    return landed.wait_until(lock, until, [this] { return reading.has_value(); });
  }

  const DocumentPart part;
  std::thread thread;  // the source's business: joined when it has landed, else left to itself
  std::mutex mutex;
  std::condition_variable landed;
  std::optional<PartReading> reading;
};

DocumentSource::DocumentSource(Target target, std::vector<DocumentPart> parts,
                               std::optional<absl::Duration> longest_wait)
    : target_(std::move(target)),
      parts_(std::move(parts)),
      longest_wait_(longest_wait),
      flights_(parts_.size()) {}

DocumentSource::~DocumentSource() {
  for (const auto& flight : flights_) {
    if (flight == nullptr) continue;
    if (flight->Wait(Steady::now())) {
      if (flight->thread.joinable()) flight->thread.join();
    } else {
      flight->thread.detach();
    }
  }
}

bool DocumentSource::Busy() const {
  return std::any_of(flights_.begin(), flights_.end(), [](const auto& flight) {
    return flight != nullptr && !flight->Wait(Steady::now());
  });
}

void DocumentSource::Launch(std::size_t part, absl::Time now, absl::Duration timeout) {
  auto flight = std::make_shared<Flight>(parts_[part]);
  flights_[part] = flight;
  auto thread = TryThread([flight, now, timeout] {
    PartReading reading = Read(flight->part, now, timeout);
    const std::lock_guard lock(flight->mutex);
    flight->reading = std::move(reading);
    flight->landed.notify_all();
  });
  if (thread) {
    flight->thread = *std::move(thread);
    return;
  }
  flight->reading = PartReading{.service = parts_[part].service, .source = parts_[part].source};
  flight->reading->snapshot = KindError(ErrorKind::kConnect, "no thread to fetch it");
}

std::vector<PartReading> DocumentSource::Landed() {
  std::vector<PartReading> readings;
  for (std::size_t i = 0; i < flights_.size(); ++i) {
    if (flights_[i] == nullptr) continue;
    if (flights_[i]->Wait(Steady::now())) {
      if (flights_[i]->thread.joinable()) flights_[i]->thread.join();  // it has nothing left to do
      readings.push_back(*std::move(flights_[i]->reading));
      flights_[i].reset();
    } else {
      readings.push_back(
          {.service = parts_[i].service, .source = parts_[i].source, .pending = true});
    }
  }
  return readings;
}

// What is not configured is what the documents say; it stays when they no longer do.
TargetReading DocumentSource::ReadingOf(std::vector<PartReading> parts) {
  for (const PartReading& part : parts) {
    if (part.pending || !part.snapshot.ok()) continue;
    if (target_.tenant.empty()) target_.tenant = part.snapshot->named.tenant;
    if (target_.project.empty()) target_.project = part.snapshot->named.project;
  }
  return {.target = target_, .parts = std::move(parts)};
}

std::vector<TargetReading> DocumentSource::Take(absl::Time now, absl::Duration timeout) {
  std::vector<PartReading> readings;
  if (!longest_wait_) {
    for (const DocumentPart& part : parts_) readings.push_back(Read(part, now, timeout));
    return {ReadingOf(std::move(readings))};
  }
  const Steady::time_point start = Steady::now();
  const auto until = start + absl::ToChronoNanoseconds(std::min(timeout + kMargin, *longest_wait_));
  readings = Landed();  // late answers of the last beat
  std::erase_if(readings, [](const PartReading& reading) { return reading.pending; });
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (flights_[i] == nullptr) Launch(i, now, timeout);
  }
  const auto all_by = [this](Steady::time_point instant) {
    bool all = true;
    for (const auto& flight : flights_) all = (flight == nullptr || flight->Wait(instant)) && all;
    return all;
  };
  if (!all_by(std::min(start + kTogether, until)) && early_) {
    std::vector<PartReading> early = Landed();
    readings.insert(readings.end(), std::make_move_iterator(early.begin()),
                    std::make_move_iterator(early.end()));
    early_(ReadingOf(std::exchange(readings, {})));
  }
  all_by(until);
  std::vector<PartReading> rest = Landed();
  readings.insert(readings.end(), std::make_move_iterator(rest.begin()),
                  std::make_move_iterator(rest.end()));
  return {ReadingOf(std::move(readings))};
}

}  // namespace chatscale
