#include "exporter/core/samples.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "exporter/core/utf8.h"

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

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// Most values are what they should be: those are left alone.
void Clean(std::string& value, std::size_t max_bytes) {
  const bool plain =
      value.size() <= max_bytes && std::all_of(value.begin(), value.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80 && !IsControl(c);
      });
  if (!plain) value = LabelValue(value, max_bytes);
}

std::uint64_t Mix(std::uint64_t hash, const Label& label) {
  constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;
  hash = (hash ^ std::hash<std::string>()(label.first)) * kMix;
  return (hash ^ (hash >> 32) ^ std::hash<std::string>()(label.second)) * kMix;
}

// The labels that all samples of a target begin with.
struct Prefix {
  Prefix() = default;
  Prefix(const Target& target, std::size_t max_bytes) {
    if (!target.tenant.empty()) labels.emplace_back("tenant", target.tenant);
    if (!target.project.empty()) labels.emplace_back("project", target.project);
    for (Label& label : labels) {
      Clean(label.second, max_bytes);
      hash = Mix(hash, label);
    }
  }

  Labels labels;
  std::uint64_t hash = 0;
};

// Builds one family after the other, within the limits.
class FamilyBuilder {
 public:
  explicit FamilyBuilder(const SampleOptions& options) : options_(options) {}

  void Begin(const PublishedRow& row) {
    family_.as = &row;
    family_.samples.clear();
    seen_.clear();
  }

  void Add(const Prefix& prefix, std::span<Sample> samples) {
    // Part of a histogram is none.
    if (family_.as->row->kind == Kind::kHistogram && total_ + samples.size() > options_.series) {
      dropped_["total_limit"] += samples.size();
      return;
    }
    std::size_t added = 0;
    for (Sample& sample : samples) {
      if (!family_.as->contract && added >= options_.series_per_family) {
        ++dropped_["family_limit"];
      } else if (!family_.as->contract && total_ >= options_.series) {
        ++dropped_["total_limit"];
      } else if (AddOne(prefix, sample)) {
        ++added;
      }
    }
  }

  const SampleFamily& family() const { return family_; }
  const std::map<std::string, std::uint64_t>& dropped() const { return dropped_; }

 private:
  bool AddOne(const Prefix& prefix, Sample& sample) {
    std::uint64_t hash = prefix.hash ^ std::hash<std::string_view>()(sample.suffix);
    for (Label& label : sample.labels) {
      Clean(label.second, options_.label_value_bytes);
      hash = Mix(hash, label);
    }
    if (!seen_.insert(hash).second) {
      ++dropped_["duplicate"];
      return false;
    }
    Sample& added = family_.samples.emplace_back();
    added.value = sample.value;
    added.suffix = sample.suffix;
    added.labels.reserve(prefix.labels.size() + sample.labels.size());
    added.labels = prefix.labels;
    std::move(sample.labels.begin(), sample.labels.end(), std::back_inserter(added.labels));
    ++total_;
    return true;
  }

  const SampleOptions& options_;
  std::size_t total_ = 0;
  std::map<std::string, std::uint64_t> dropped_;
  SampleFamily family_;
  absl::flat_hash_set<std::uint64_t> seen_;  // hashes of the labels
};

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
    const View& view, const SampleOptions& options, Rows rows,
    const std::function<void(const SampleFamily&)>& take) {
  std::vector<Prefix> prefixes;
  prefixes.reserve(view.targets.size());
  for (const TargetView& target : view.targets) {
    prefixes.emplace_back(target.target, options.label_value_bytes);
  }
  FamilyBuilder builder(options);
  std::vector<Sample> read;
  for (const PublishedRow& published : options.naming->rows()) {
    const MetricRow& row = *published.row;
    if (rows != Rows::kAll && row.live != (rows == Rows::kLive)) continue;
    builder.Begin(published);
    if (row.of_exporter != nullptr) {
      read.clear();
      row.of_exporter(view, Emit(&read));
      builder.Add({}, read);
    }
    for (std::size_t t = 0; row.of_exporter == nullptr && t < view.targets.size(); ++t) {
      read.clear();
      Read(published, view.targets[t], Emit(&read));
      builder.Add(prefixes[t], read);
    }
    if (!builder.family().samples.empty()) take(builder.family());
  }
  return builder.dropped();
}

}  // namespace chatscale
