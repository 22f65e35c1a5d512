// Snapshots from `/monitoring/system` documents, wherever they are fetched from: the two services
// of proxy mode, or the simulator.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "exporter/core/reading.h"

namespace chatscale {

// One document. `fetch` returns its bytes within the timeout, or an error with an ErrorKind; it is
// called from one thread at a time.
struct DocumentPart {
  std::string source;
  Owner owner = Owner::kWhole;
  std::function<absl::StatusOr<std::string>(absl::Time now, absl::Duration timeout)> fetch;
};

class DocumentSource : public SnapshotSource {
 public:
  DocumentSource(Target target, std::vector<DocumentPart> parts)
      : target_(std::move(target)), parts_(std::move(parts)) {}

  // Fetches all parts side by side.
  std::vector<TargetReading> Take(absl::Time now, absl::Duration timeout) override;

 private:
  Target target_;
  std::vector<DocumentPart> parts_;
};

}  // namespace chatscale
