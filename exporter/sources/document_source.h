// Snapshots from `/monitoring/system` documents, wherever they are fetched from: the two services
// of proxy mode, or the simulator.
//
//   Take   |-- start what is not under way --|-- kTogether: tell what came --|-- wait --|
//
// A service that hangs holds up neither the other one nor the next beat: its fetch goes on by
// itself, is not started a second time, and its answer is told when it is there.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "exporter/model/reading.h"

namespace chatscale {

// One document. `fetch` returns its bytes within the timeout, or an error with an ErrorKind; it is
// called from one thread at a time.
struct DocumentPart {
  std::string source;
  std::optional<Service> service;  // whom it speaks for; nullopt: both
  std::function<absl::StatusOr<std::string>(absl::Time now, absl::Duration timeout)> fetch;
};

class DocumentSource : public SnapshotSource {
 public:
  // `longest_wait`: of one Take for what hangs; nullopt: nothing does, parts are fetched in turn on
  // the caller's thread.
  DocumentSource(Target target, std::vector<DocumentPart> parts,
                 std::optional<absl::Duration> longest_wait);
  ~DocumentSource() override;

  std::vector<TargetReading> Take(absl::Time now, absl::Duration timeout) override;
  void SetEarly(const std::function<void(TargetReading)>& told) override { early_ = told; }
  bool Busy() const override;

 private:
  struct Flight;

  void Launch(std::size_t part, absl::Time now, absl::Duration timeout);
  // Readings of what has landed; those still under way are marked.
  std::vector<PartReading> Landed();
  TargetReading ReadingOf(std::vector<PartReading> parts);

  Target target_;
  std::vector<DocumentPart> parts_;
  std::optional<absl::Duration> longest_wait_;
  std::function<void(TargetReading)> early_;
  std::vector<std::shared_ptr<Flight>> flights_;  // by part; null: none under way
};

}  // namespace chatscale
