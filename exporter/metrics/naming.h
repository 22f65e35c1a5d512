// Naming: the published families and their names. The catalogue's names, the upstream's twenty
// scalars, or names mapped by the user.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "exporter/metrics/catalogue.h"

namespace chatscale {

// CloudWatch names: validation. Pure.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html

inline constexpr std::size_t kMostDimensions = 30;  // per metric

// Printable ASCII, not only blanks. Name: up to 255 characters, not starting with ':'; value: 1024.
bool IsDimensionName(std::string_view text);
bool IsDimensionValue(std::string_view text);
// Printable ASCII, 1 to 255 characters, starting with a letter or digit: stricter than CloudWatch,
// as Prometheus gets the same name.
bool IsMetricName(std::string_view text);
// 1 to 255 letters, digits, blanks and .-_/#: and not starting with "AWS/" or ':'.
bool IsNamespace(std::string_view text);

// kKdcube: observed figures are published as the upstream's twenty scalars, in its units:
// "proc.queue.wait.p95_ms" is kdcube_proc_queue_wait_p95_ms for Prometheus and
// proc/queue/wait/p95_ms for CloudWatch. Metrics without an upstream scalar (recommendations,
// chatscale itself) keep their names.
enum class NameScheme { kChat, kKdcube };

// An entry of METRICS_MAPPING_JSON.
struct MappedName {
  std::string key;   // upstream key: "proc.queue.wait.p95_ms"
  std::string name;  // "Processor/QueueWaitP95"
  std::string unit;  // CloudWatch unit; "": the scheme's
};

struct NamedUnit {
  Unit base;                    // base unit
  double per_base;              // 1,000 milliseconds per second
  std::string_view cloudwatch;  // "Milliseconds"
  std::string_view ucum;        // "ms"
  std::string_view in_words;    // "in milliseconds"; "" for counts
};

// Units by their names at the receivers.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
// https://ucum.org/ucum
std::span<const NamedUnit> NamedUnits();

// The unit with `per_base` per base unit; a unit that is not listed counts as "Count".
const NamedUnit& UnitThatIs(Unit base, double per_base);

// Unit of the row's own samples.
const NamedUnit& UnitOf(const MetricRow& row);

// An upstream scalar with its catalogue row.
class UpstreamKey {
 public:
  UpstreamKey(const MetricRow& row, const UpstreamScalar& scalar) : row_(&row), scalar_(&scalar) {}

  std::string_view key() const { return scalar_->key; }
  std::string_view cloudwatch_unit() const { return scalar_->cloudwatch_unit; }
  const MetricRow& row() const { return *row_; }
  const UpstreamScalar& scalar() const { return *scalar_; }
  // The value times `scale`.
  MaybeNumber Read(const Snapshot& snapshot, double scale = 1) const;

 private:
  const MetricRow* row_;
  const UpstreamScalar* scalar_;
};

// The twenty scalars that the upstream exports, sorted by key, as `snapshot --format keys` prints.
std::span<const UpstreamKey> UpstreamKeys();

// All keys that METRICS_MAPPING_JSON may contain, sorted.
std::vector<UpstreamKey> MappableKeys();

// A family under its published names.
struct PublishedRow {
  const MetricRow* row = nullptr;  // its catalogue row
  std::string name;                // OTLP
  std::string prometheus_name;
  std::string cloudwatch_name;
  std::string_view cloudwatch_unit;
  std::string_view ucum_unit;
  std::string help;
  bool contract = false;  // as in MetricRow
  // Publishes this number, times `scale`, in place of the row's samples.
  std::optional<UpstreamKey> key;
  double scale = 1;
};

PublishedRow UnderItsOwnName(const MetricRow& row);

class Naming {
 public:
  // A mapped key replaces the row of the same figure; a figure without a row of its own (percents,
  // an hour's refusals) is added. The value is in the key's unit, or converted to the entry's unit
  // of the same kind; under a row's own name it is the row's. kInvalidArgument, naming the entry
  // and what is allowed: unknown key, unit of another kind, name that is invalid or taken.
  static absl::StatusOr<std::shared_ptr<const Naming>> Of(NameScheme scheme,
                                                          std::span<const MappedName> mapping);
  // The catalogue under its own names.
  static std::shared_ptr<const Naming> Own();

  // In the order of exposition.
  std::span<const PublishedRow> rows() const { return rows_; }

 private:
  explicit Naming(std::vector<PublishedRow> rows) : rows_(std::move(rows)) {}

  const std::vector<PublishedRow> rows_;
};

}  // namespace chatscale
