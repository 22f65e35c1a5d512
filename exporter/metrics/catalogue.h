// The metric table: name, kind, unit, help and how to read the value stand in one row. All that is
// published (naming.h), docs/metrics.md and the naming tests walk it; nobody types a metric name
// twice.
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

// Base units. kRatio: 1.0 = all of it. kNone: counts of things, states, facts.
enum class Unit { kNone, kSeconds, kRatio, kBytes };

using prometheus::ClientMetric;
using prometheus::MetricType;
using Label = ClientMetric::Label;
using Labels = std::vector<Label>;

// Collects one row's metrics. A value that is unknown or not finite is left out.
class Emit {
 public:
  // `now`: what ages are counted up to.
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

// Of a gauge or a counter.
double ValueOf(MetricType type, const ClientMetric& metric);

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
  MetricType type = MetricType::Gauge;
  Unit unit = Unit::kNone;
  std::string_view help = "";  // one sentence that ends with a full stop, then where it comes from
  // At most one of these: a fact of what was observed (one number, or samples with labels), or of a
  // target. None: chatscale counts it itself (see SelfMetrics).
  MaybeNumber (*value)(const Snapshot&) = nullptr;
  void (*of_snapshot)(const Snapshot&, const Emit&) = nullptr;
  void (*of_target)(const TargetView&, const Emit&) = nullptr;
  // A promised name: never dropped by a limit on series.
  bool contract = false;
  // An age: it goes on while nothing is collected.
  bool age = false;
  // Of what chatscale counts itself: its labels, in the order in which they are written, and
  // whether it says something of this process alone, not of what it was asked for.
  std::vector<std::string_view> labels = {};
  bool of_process = false;

  bool IsObserved() const { return value != nullptr || of_snapshot != nullptr; }
  bool IsOfTargets() const { return IsObserved() || of_target != nullptr; }
  // As METRICS_MAPPING_JSON has it; "" when the upstream has nothing of the kind.
  std::string_view InternalKey() const { return upstream.empty() ? "" : upstream.front().key; }
};

// Every row, in the order in which they are exposed.
std::span<const MetricRow> Catalogue();

// Null: there is no such row.
const MetricRow* FindRow(std::string_view name);

std::string_view TypeName(MetricType type);  // as Prometheus calls it
std::string PrometheusName(std::string_view dotted);

}  // namespace chatscale
