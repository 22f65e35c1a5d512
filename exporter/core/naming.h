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
#include "exporter/core/catalogue.h"
#include "exporter/core/mapped_name.h"
#include "exporter/core/upstream_keys.h"

namespace chatscale {

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
