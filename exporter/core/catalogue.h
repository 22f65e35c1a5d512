// The metric table: name, kind, unit, help and how to read the value stand in one row. All that is
// published (naming.h), docs/metrics.md and the naming tests walk it; nobody types a metric name
// twice.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/core/view.h"

namespace chatscale {

enum class Kind { kGauge, kCounter, kHistogram };
// Base units. kRatio: 1.0 = all of it. kNone: counts of things, states, facts.
enum class Unit { kNone, kSeconds, kRatio, kBytes };

using Label = std::pair<std::string, std::string>;
using Labels = std::vector<Label>;

struct Sample {
  Labels labels;
  double value = 0;
  std::string_view suffix = "";  // of a histogram's name: "_bucket", "_sum", "_count"
};

// Collects one row's samples. A value that is unknown or not finite is left out.
class Emit {
 public:
  explicit Emit(std::vector<Sample>* out) : out_(out) {}
  void operator()(MaybeNumber value) const { (*this)({}, value); }
  void operator()(Labels labels, MaybeNumber value) const;
  // Cumulative buckets labelled {le}, sum and count.
  void operator()(const std::optional<TimeHistogram>& histogram) const;

 private:
  std::vector<Sample>* out_;
};

// A scalar of the upstream's own metrics service that a row stands for: its name, what it sends
// CloudWatch as the unit ("": it is in the document, but never exported), and its value, in its own
// unit. Source: upstream contract section 6. Where the upstream is wrong (D1-D3, D5, D7) the value
// is ours.
struct UpstreamScalar {
  std::string_view key;              // "proc.queue.wait.p95_ms"
  std::string_view cloudwatch_unit;  // "Percent", "Seconds" or "Count"
  double factor = 1;                 // times the row's value, unless it has a reader of its own
  MaybeNumber (*read)(const Snapshot&) = nullptr;
};

struct MetricRow {
  // Dotted; dots become underscores for Prometheus (PrometheusName) and slashes for CloudWatch.
  std::string_view name = "";
  // The first is the one that METRICS_MAPPING_JSON names the row by (see naming.h).
  std::vector<UpstreamScalar> upstream = {};
  Kind kind = Kind::kGauge;
  Unit unit = Unit::kNone;
  std::string_view help = "";  // one sentence that ends with a full stop, then where it comes from
  // Exactly one of these: a fact of what was observed (one number, or samples with labels), of a
  // target, or of the exporter itself.
  MaybeNumber (*value)(const Snapshot&) = nullptr;
  void (*of_snapshot)(const Snapshot&, const Emit&) = nullptr;
  void (*of_target)(const TargetView&, const Emit&) = nullptr;
  void (*of_exporter)(const View&, const Emit&) = nullptr;
  // A promised name: never dropped by a limit on series.
  bool contract = false;
  // An age, or a fact of the process: read at the scrape, not at the collection.
  bool live = false;

  bool IsObserved() const { return value != nullptr || of_snapshot != nullptr; }
  // As METRICS_MAPPING_JSON has it; "" when the upstream has nothing of the kind.
  std::string_view InternalKey() const { return upstream.empty() ? "" : upstream.front().key; }
};

// Every row, in the order in which they are exposed.
std::span<const MetricRow> Catalogue();

std::string_view KindName(Kind kind);  // as Prometheus calls it
std::string PrometheusName(std::string_view dotted);

}  // namespace chatscale
