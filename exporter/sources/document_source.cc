#include "exporter/sources/document_source.h"

#include <memory>
#include <thread>

#include "absl/time/clock.h"
#include "exporter/sources/monitoring_json.h"
#include "exporter/sources/tolerant_json.h"

namespace chatscale {
namespace {

PartReading Read(const DocumentPart& part, absl::Time now, absl::Duration timeout) {
  PartReading reading;
  reading.owner = part.owner;
  reading.source = part.source;
  const absl::Time start = absl::Now();
  absl::StatusOr<std::string> bytes = part.fetch(now, timeout);
  if (bytes.ok()) {
    reading.snapshot = ParseMonitoringDocument(*bytes);
  } else {
    reading.snapshot = bytes.status();
  }
  reading.duration = absl::Now() - start;
  if (reading.snapshot.ok()) {
    reading.document = [text = std::make_shared<const std::string>(*std::move(bytes))] {
      return TolerantJson(*text);
    };
  }
  return reading;
}

}  // namespace

std::vector<TargetReading> DocumentSource::Take(absl::Time now, absl::Duration timeout) {
  TargetReading reading;
  reading.target = target_;
  reading.parts.resize(parts_.size());
  std::vector<std::jthread> others;  // joined at the end of this scope
  for (std::size_t i = 1; i < parts_.size(); ++i) {
    others.emplace_back([&, i] { reading.parts[i] = Read(parts_[i], now, timeout); });
  }
  if (!parts_.empty()) reading.parts[0] = Read(parts_[0], now, timeout);
  others.clear();
  // What is not configured is what the documents say; it stays when they no longer do.
  for (const PartReading& part : reading.parts) {
    if (!part.snapshot.ok()) continue;
    if (target_.tenant.empty()) target_.tenant = part.snapshot->named.tenant;
    if (target_.project.empty()) target_.project = part.snapshot->named.project;
  }
  reading.target = target_;
  return {std::move(reading)};
}

}  // namespace chatscale
