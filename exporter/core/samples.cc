#include "exporter/core/samples.h"

#include <unordered_set>
#include <utility>

#include "exporter/core/utf8.h"

namespace chatscale {
namespace {

Labels TargetLabels(const Target& target) {
  Labels labels;
  if (!target.tenant.empty()) labels.emplace_back("tenant", target.tenant);
  if (!target.project.empty()) labels.emplace_back("project", target.project);
  return labels;
}

void Read(const MetricRow& row, const TargetView& target, const Emit& emit) {
  if (row.of_target != nullptr) {
    row.of_target(target, emit);
  } else if (row.of_snapshot != nullptr && target.snapshot) {
    row.of_snapshot(*target.snapshot, emit);
  }
}

std::uint64_t HashOf(const Labels& labels) {
  constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;
  std::uint64_t hash = labels.size();
  for (const auto& [name, value] : labels) {
    hash = (hash ^ std::hash<std::string>()(name)) * kMix;
    hash = (hash ^ (hash >> 32) ^ std::hash<std::string>()(value)) * kMix;
  }
  return hash;
}

// Adds samples to one family, within the limits.
class FamilyBuilder {
 public:
  FamilyBuilder(const MetricRow& row, const SampleLimits& limits, std::size_t* total,
                std::map<std::string, std::uint64_t>* dropped)
      : row_(row), limits_(limits), total_(total), dropped_(dropped) {
    family_.row = &row;
  }

  void Add(const Labels& prefix, std::vector<Sample> samples) {
    std::size_t added = 0;
    for (Sample& sample : samples) {
      if (!row_.contract && added >= limits_.series_per_family) {
        ++(*dropped_)["family_limit"];
      } else if (!row_.contract && *total_ >= limits_.series) {
        ++(*dropped_)["total_limit"];
      } else if (AddOne(prefix, std::move(sample))) {
        ++added;
      }
    }
  }

  const SampleFamily& family() const { return family_; }

 private:
  bool AddOne(const Labels& prefix, Sample sample) {
    Labels labels = prefix;
    for (auto& label : sample.labels) labels.push_back(std::move(label));
    for (auto& [name, value] : labels) value = LabelValue(value, limits_.label_value_bytes);
    if (!seen_.insert(HashOf(labels)).second) {
      ++(*dropped_)["duplicate"];
      return false;
    }
    family_.samples.push_back({std::move(labels), sample.value});
    ++*total_;
    return true;
  }

  const MetricRow& row_;
  const SampleLimits& limits_;
  std::size_t* total_;
  std::map<std::string, std::uint64_t>* dropped_;
  SampleFamily family_;
  std::unordered_set<std::uint64_t> seen_;  // hashes of the labels
};

}  // namespace

std::string LabelValue(std::string_view text, std::size_t max_bytes) {
  std::string value = RepairUtf8(text);
  for (char& c : value) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  value.resize(Utf8Prefix(value, max_bytes).size());
  return value;
}

std::map<std::string, std::uint64_t> EachFamily(
    const View& view, const SampleLimits& limits, Rows rows,
    const std::function<void(const SampleFamily&)>& take) {
  std::map<std::string, std::uint64_t> dropped;
  std::size_t total = 0;
  std::vector<Sample> read;
  for (const MetricRow& row : Catalogue()) {
    if (rows != Rows::kAll && row.live != (rows == Rows::kLive)) continue;
    FamilyBuilder family(row, limits, &total, &dropped);
    if (row.of_exporter != nullptr) {
      read.clear();
      row.of_exporter(view, Emit(&read));
      family.Add({}, std::move(read));
    }
    for (const TargetView& target : view.targets) {
      if (row.of_exporter != nullptr) break;
      read.clear();
      Read(row, target, Emit(&read));
      family.Add(TargetLabels(target.target), std::move(read));
    }
    if (!family.family().samples.empty()) take(family.family());
  }
  return dropped;
}

Samples SamplesOf(const View& view, const SampleLimits& limits, Rows rows) {
  Samples out;
  out.dropped = EachFamily(view, limits, rows,
                           [&](const SampleFamily& family) { out.families.push_back(family); });
  return out;
}

}  // namespace chatscale
