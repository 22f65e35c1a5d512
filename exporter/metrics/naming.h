// What is published, and under which names: the rows of the catalogue as they are called here, as
// the upstream's metrics service calls its twenty scalars, or as the user has it.
//
// Source: upstream contract section 6.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "exporter/metrics/catalogue.h"

namespace chatscale {

// What the user may say about names.

// kKdcube: all that is observed is published as the upstream's twenty scalars, in its units:
// "proc.queue.wait.p95_ms" is kdcube_proc_queue_wait_p95_ms for Prometheus and
// proc/queue/wait/p95_ms for CloudWatch. What the upstream has nothing of, advice and chatscale's
// own work, keeps its name.
enum class NameScheme { kChat, kKdcube };

// An entry of METRICS_MAPPING_JSON.
struct MappedName {
  std::string key;   // the upstream's: "proc.queue.wait.p95_ms"
  std::string name;  // "Processor/QueueWaitP95"
  std::string unit;  // CloudWatch's; "": as the scheme has it
};

// Units as the receivers call them. Pure.

struct NamedUnit {
  Unit base;                    // what it is a multiple of
  double per_base;              // 1,000 milliseconds a second
  std::string_view cloudwatch;  // "Milliseconds"
  std::string_view ucum;        // "ms"
  std::string_view in_words;    // "in milliseconds"; "" for what is only counted
};

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
// https://ucum.org/ucum
std::span<const NamedUnit> NamedUnits();

// Of `base`, so many a base unit; what is not in the list is only counted.
const NamedUnit& UnitThatIs(Unit base, double per_base);

// Of the row's own samples.
const NamedUnit& UnitOf(const MetricRow& row);

// The scalars of the upstream, by their own names and units, as the rows of the catalogue have
// them.

class UpstreamKey {
 public:
  UpstreamKey(const MetricRow& row, const UpstreamScalar& scalar) : row_(&row), scalar_(&scalar) {}

  std::string_view key() const { return scalar_->key; }
  std::string_view cloudwatch_unit() const { return scalar_->cloudwatch_unit; }
  const MetricRow& row() const { return *row_; }
  const UpstreamScalar& scalar() const { return *scalar_; }
  // Times `scale`.
  MaybeNumber Read(const Snapshot& snapshot, double scale = 1) const;

 private:
  const MetricRow* row_;
  const UpstreamScalar* scalar_;
};

// The twenty that the upstream's metrics service exports, sorted by key. `snapshot --format keys`
// prints them.
std::span<const UpstreamKey> UpstreamKeys();

// All that METRICS_MAPPING_JSON may name, sorted by key.
std::vector<UpstreamKey> MappableKeys();

// A family under its names.
struct PublishedRow {
  const MetricRow* row = nullptr;  // what it is
  std::string name;                // OTLP
  std::string prometheus_name;
  std::string cloudwatch_name;
  std::string_view cloudwatch_unit;
  std::string_view ucum_unit;
  std::string help;
  bool contract = false;  // as MetricRow has it
  // This one number, times `scale`, in place of the row's samples.
  std::optional<UpstreamKey> key;
  double scale = 1;
};

PublishedRow UnderItsOwnName(const MetricRow& row);

class Naming {
 public:
  // A mapped key takes the place of the row that has the same figure; one whose figure has no name
  // of its own (percents, an hour's refusals) comes beside. The value is in the key's unit, or
  // converted where the entry names another of the same kind; under a row's own name it is the
  // row's. kInvalidArgument, naming the entry and what is allowed: a key that is not known, a unit
  // of another kind, a name that is not allowed or taken.
  static absl::StatusOr<std::shared_ptr<const Naming>> Of(NameScheme scheme,
                                                          std::span<const MappedName> mapping);
  // The catalogue under its own names.
  static std::shared_ptr<const Naming> Own();

  // In the order in which they are exposed.
  std::span<const PublishedRow> rows() const { return rows_; }

 private:
  explicit Naming(std::vector<PublishedRow> rows) : rows_(std::move(rows)) {}

  const std::vector<PublishedRow> rows_;
};

}  // namespace chatscale
