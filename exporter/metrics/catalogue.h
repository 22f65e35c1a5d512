// Metric catalogue: the table of all metrics. A row has name, type, unit, help and reader. All that
// is published (naming.h), docs/metrics.md and the naming tests walk it; a metric name is written
// once.
#pragma once

#include <prometheus/client_metric.h>
#include <prometheus/metric_type.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "exporter/model/view.h"

namespace chatscale {

// Base units. kRatio: 1.0 = all. kNone: counts, states, facts.
enum class Unit { kNone, kSeconds, kRatio, kBytes };

using prometheus::ClientMetric;
using prometheus::MetricType;
using Label = ClientMetric::Label;
using Labels = std::vector<Label>;

// Collects the samples of one row. Skips values that are unknown or not finite.
class Emit {
 public:
  // `now`: the instant at which ages are computed.
  Emit(MetricType type, absl::Time now, std::vector<ClientMetric>* out)
      : type_(type), now_(now), out_(out) {}
  void operator()(MaybeNumber value) const { (*this)({}, value); }
  void operator()(Labels labels, MaybeNumber value) const;
  void operator()(const std::optional<TimeHistogram>& histogram) const;

  absl::Time now() const { return now_; }

 private:
  const MetricType type_;
  const absl::Time now_;
  std::vector<ClientMetric>* const out_;
};

// Requires: a gauge or a counter.
double ValueOf(MetricType type, const ClientMetric& metric);

// A scalar of the upstream's own metrics service: its key, its CloudWatch unit ("": in the
// document, but not exported), and its value in its own unit. Where the upstream is wrong (D1-D3,
// D5, D7 of docs/upstream.md) the value is chatscale's.
struct UpstreamScalar {
  std::string_view key;              // "proc.queue.wait.p95_ms"
  std::string_view cloudwatch_unit;  // "Percent", "Seconds" or "Count"
  double factor = 1;                 // multiplies the row's value; unused with `read`
  MaybeNumber (*read)(const Snapshot&) = nullptr;
};

struct MetricRow {
  // Dotted; with underscores for Prometheus (PrometheusName), with slashes for CloudWatch.
  std::string_view name = "";
  // METRICS_MAPPING_JSON names the row by the first one (see naming.h).
  std::vector<UpstreamScalar> upstream = {};
  MetricType type = MetricType::Gauge;
  Unit unit = Unit::kNone;
  std::string_view help = "";  // one sentence with a full stop, then the source
  // At most one reader: of a snapshot (one number, or labelled samples) or of a target. None:
  // chatscale counts it itself (see SelfMetrics).
  MaybeNumber (*value)(const Snapshot&) = nullptr;
  void (*of_snapshot)(const Snapshot&, const Emit&) = nullptr;
  void (*of_target)(const TargetView&, const Emit&) = nullptr;
  // A promised name: exempt from the limits on series.
  bool contract = false;
  std::size_t most_series = 64;  // limit for one target
  // An age: it grows between collections.
  bool age = false;
  // Beside tenant, project and the le of a histogram. In the order of output where the row has no
  // reader.
  std::vector<std::string_view> labels = {};
  // For rows without a reader: about this process alone, which /probe leaves out.
  bool of_process = false;

  bool IsObserved() const { return value != nullptr || of_snapshot != nullptr; }
  bool IsOfTargets() const { return IsObserved() || of_target != nullptr; }
  // The key in METRICS_MAPPING_JSON; "" without an upstream scalar.
  std::string_view InternalKey() const { return upstream.empty() ? "" : upstream.front().key; }
};

// Every row, in the order of exposition.
std::span<const MetricRow> Catalogue();

// Null: no such row.
const MetricRow* FindRow(std::string_view name);

std::string_view TypeName(MetricType type);  // as in a TYPE line
std::string PrometheusName(std::string_view dotted);

}  // namespace chatscale
