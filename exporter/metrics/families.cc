#include "exporter/metrics/families.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "exporter/model/text.h"

namespace chatscale {
namespace {

void Read(const PublishedRow& as, const TargetView& target, const Emit& emit) {
  const MetricRow& row = *as.row;
  if (as.key) {
    if (target.snapshot) emit(as.key->Read(*target.snapshot, as.scale));
  } else if (row.of_target != nullptr) {
    row.of_target(target, emit);
  } else if (row.value != nullptr && target.snapshot) {
    emit(row.value(*target.snapshot));
  } else if (row.of_snapshot != nullptr && target.snapshot) {
    row.of_snapshot(*target.snapshot, emit);
  }
}

// Sanitizes a label value; the usual value needs no change.
void Clean(std::string& value, std::size_t max_bytes) {
  const bool plain =
      value.size() <= max_bytes && std::all_of(value.begin(), value.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80 && !IsControl(c);
      });
  if (!plain) value = LabelValue(value, max_bytes);
}

std::uint64_t Mix(std::uint64_t hash, const Label& label) {
  constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;
  hash = (hash ^ std::hash<std::string>()(label.name)) * kMix;
  return (hash ^ (hash >> 32) ^ std::hash<std::string>()(label.value)) * kMix;
}

// The first labels of all samples of a target.
struct Prefix {
  Prefix() = default;
  Prefix(const Target& target, std::size_t max_bytes) {
    if (!target.tenant.empty()) labels.push_back({"tenant", target.tenant});
    if (!target.project.empty()) labels.push_back({"project", target.project});
    for (Label& label : labels) {
      Clean(label.value, max_bytes);
      hash = Mix(hash, label);
    }
  }

  Labels labels;
  std::uint64_t hash = 0;
};

std::size_t SeriesOf(const ClientMetric& metric) {
  const std::size_t buckets = metric.histogram.bucket.size();
  return buckets == 0 ? 1 : buckets + 2;  // and _sum and _count
}

// Builds one family at a time, within the limits.
class FamilyBuilder {
 public:
  explicit FamilyBuilder(const FamilyOptions& options) : options_(options) {}

  void Begin(const PublishedRow& row) {
    family_.as = &row;
    family_.data.name = row.prometheus_name;
    family_.data.help = row.help;
    family_.data.type = row.row->type;
    family_.data.metric.clear();
    seen_.clear();
  }

  void Add(const Prefix& prefix, std::span<ClientMetric> metrics) {
    std::size_t added = 0;
    for (ClientMetric& metric : metrics) {
      const std::size_t series = SeriesOf(metric);  // a histogram is kept or dropped as a whole
      if (!family_.as->contract && added >= family_.as->row->most_series) {
        dropped_["family_limit"] += series;
      } else if (!family_.as->contract && total_ + series > options_.series) {
        dropped_["total_limit"] += series;
      } else if (AddOne(prefix, metric)) {
        total_ += series;
        ++added;
      }
    }
  }

  // Unchanged, without limits.
  void AddAll(const std::vector<ClientMetric>& metrics) { family_.data.metric = metrics; }

  const PublishedFamily& family() const { return family_; }
  const std::map<std::string, std::uint64_t>& dropped() const { return dropped_; }

 private:
  bool AddOne(const Prefix& prefix, ClientMetric& metric) {
    std::uint64_t hash = prefix.hash;
    for (Label& label : metric.label) {
      Clean(label.value, options_.label_value_bytes);
      hash = Mix(hash, label);
    }
    if (!seen_.insert(hash).second) {
      ++dropped_["duplicate"];
      return false;
    }
    Labels labels;
    labels.reserve(prefix.labels.size() + metric.label.size());
    labels = prefix.labels;
    std::ranges::move(metric.label, std::back_inserter(labels));
    metric.label = std::move(labels);
    family_.data.metric.push_back(std::move(metric));
    return true;
  }

  const FamilyOptions& options_;
  std::size_t total_ = 0;
  std::map<std::string, std::uint64_t> dropped_;
  PublishedFamily family_;
  absl::flat_hash_set<std::uint64_t> seen_;  // hashes of the labels
};

bool Wanted(const MetricRow& row, Rows rows) {
  if (rows == Rows::kAll) return true;
  if (rows == Rows::kProbe) return !row.of_process;
  const bool live = row.age || !row.IsOfTargets();
  return live == (rows == Rows::kLive);
}

// Families by name.
using SelfFamilies = std::map<std::string, prometheus::MetricFamily>;

SelfFamilies CollectSelf(const FamilyOptions& options, Rows rows) {
  SelfFamilies families;
  if (!options.self || rows == Rows::kSettled) return families;
  for (prometheus::MetricFamily& family : options.self->Collect()) {
    std::string name = family.name;
    families.emplace(std::move(name), std::move(family));
  }
  return families;
}

}  // namespace

std::string LabelValue(std::string_view text, std::size_t max_bytes) {
  std::string value = RepairUtf8(text);
  for (char& c : value) {
    if (IsControl(c)) c = ' ';
  }
  value.resize(Utf8Prefix(value, max_bytes).size());
  return value;
}

std::map<std::string, std::uint64_t> EachFamily(
    const View& view, absl::Time now, const FamilyOptions& options, Rows rows,
    const std::function<void(const PublishedFamily&)>& take) {
  std::vector<Prefix> prefixes;
  prefixes.reserve(view.targets.size());
  for (const TargetView& target : view.targets) {
    prefixes.emplace_back(target.target, options.label_value_bytes);
  }
  const SelfFamilies self = CollectSelf(options, rows);
  FamilyBuilder builder(options);
  std::vector<ClientMetric> read;
  for (const PublishedRow& published : options.naming->rows()) {
    const MetricRow& row = *published.row;
    if (!Wanted(row, rows)) continue;
    builder.Begin(published);
    if (!row.IsOfTargets()) {
      const auto found = self.find(published.prometheus_name);
      if (found != self.end()) builder.AddAll(found->second.metric);
    }
    for (std::size_t t = 0; row.IsOfTargets() && t < view.targets.size(); ++t) {
      read.clear();
      Read(published, view.targets[t], Emit(row.type, now, &read));
      builder.Add(prefixes[t], read);
    }
    if (!builder.family().data.metric.empty()) take(builder.family());
  }
  return builder.dropped();
}

}  // namespace chatscale
