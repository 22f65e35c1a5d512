// Source that fetches `/monitoring/system` documents: from the two services in proxy mode, or from
// the simulator.
//
//   Collect   |-- start fetches that are not pending --|-- kTogether: early callback --|-- wait --|
//
// A service that hangs delays neither the other one nor the next collection cycle: its fetch stays
// pending, is not started a second time, and its response is in the sample of a later cycle.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "exporter/model/source.h"

namespace chatscale {

// One document. `fetch` returns its bytes within the timeout, or an error with an ErrorKind; it is
// called from one thread at a time.
struct DocumentPart {
  std::string source;
  std::optional<Service> service;  // the service it describes; nullopt: both
  std::function<absl::StatusOr<std::string>(absl::Time now, absl::Duration timeout)> fetch;
};

class DocumentSource : public SnapshotSource {
 public:
  // `longest_wait`: bound of one Collect when a fetch hangs; nullopt: fetches cannot hang and run
  // in turn on the caller's thread.
  DocumentSource(Target target, std::vector<DocumentPart> parts,
                 std::optional<absl::Duration> longest_wait);
  ~DocumentSource() override;

  std::vector<TargetSample> Collect(absl::Time now, absl::Duration timeout) override;
  void SetEarly(const std::function<void(TargetSample)>& callback) override { early_ = callback; }
  bool Busy() const override;

 private:
  struct PendingFetch;

  void Launch(std::size_t part, absl::Time now, absl::Duration timeout);
  // Samples of the fetches that ended; those still running are marked pending.
  std::vector<SourceSample> FinishedFetches();
  TargetSample SampleOf(std::vector<SourceSample> parts);

  Target target_;
  std::vector<DocumentPart> parts_;
  std::optional<absl::Duration> longest_wait_;
  std::function<void(TargetSample)> early_;
  std::vector<std::shared_ptr<PendingFetch>> pending_;  // by part; null: none is running
};

}  // namespace chatscale
