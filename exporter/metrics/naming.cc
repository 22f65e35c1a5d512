#include "exporter/metrics/naming.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace chatscale {

namespace {

constexpr std::size_t kLongestName = 255, kLongestValue = 1024;

bool IsBlank(std::string_view text) { return text.find_first_not_of(' ') == text.npos; }

bool IsPrintableAscii(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
}

}  // namespace

bool IsDimensionName(std::string_view text) {
  return text.size() <= kLongestName && !IsBlank(text) && text.front() != ':' &&
         IsPrintableAscii(text);
}

bool IsDimensionValue(std::string_view text) {
  return text.size() <= kLongestValue && !IsBlank(text) && IsPrintableAscii(text);
}

bool IsMetricName(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && IsPrintableAscii(text) &&
         absl::ascii_isalnum(static_cast<unsigned char>(text.front()));
}

bool IsNamespace(std::string_view text) {
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           std::string_view(".-_/#: ").find(c) != std::string_view::npos;
  };
  return text.size() <= kLongestName && !IsBlank(text) && text.front() != ':' &&
         !text.starts_with("AWS/") && std::ranges::all_of(text, allowed);
}

namespace {

constexpr std::string_view kPrefix = "kdcube_";

// Valid Prometheus name: ASCII, not starting with a digit.
std::string Sanitized(std::string_view name) {
  std::string safe(name);
  for (char& c : safe) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return absl::ascii_isdigit(static_cast<unsigned char>(safe.front())) ? "m_" + safe : safe;
}

std::string WithSlashes(std::string_view name) {
  std::string slashed(name);
  std::ranges::replace(slashed, '.', '/');
  return slashed;
}

absl::Status Fault(const MappedName& mapped, const std::string& value,
                   const std::string& expected) {
  return absl::InvalidArgumentError("\"" + mapped.key + "\": \"" + value + "\": expected " +
                                    expected);
}

const NamedUnit& UnitOf(const UpstreamKey& key) {
  const bool as_row = key.scalar().read == nullptr;
  return UnitThatIs(key.row().unit, as_row ? key.scalar().factor : 1);
}

// A unit and its CloudWatch name; "Count" and "None" imply no scale.
struct ChosenUnit {
  const NamedUnit* unit = nullptr;
  std::string_view cloudwatch;
};

absl::StatusOr<ChosenUnit> Choose(const MappedName& mapped, const UpstreamKey& key) {
  std::set<std::string> allowed;
  for (const NamedUnit& unit : NamedUnits()) {
    const bool no_scale = unit.cloudwatch == "Count" || unit.cloudwatch == "None";
    if (!no_scale && unit.base != key.row().unit) continue;
    if (unit.cloudwatch == mapped.unit) {
      return ChosenUnit{no_scale ? &UnitOf(key) : &unit, unit.cloudwatch};
    }
    allowed.emplace(unit.cloudwatch);
  }
  return Fault(mapped, mapped.unit, "as unit " + absl::StrJoin(allowed, ", "));
}

PublishedRow RowOf(const UpstreamKey& key, std::string_view name, ChosenUnit chosen) {
  PublishedRow row;
  row.row = &key.row();
  row.name = name;
  row.prometheus_name = Sanitized(name);
  row.cloudwatch_name = WithSlashes(name);
  row.cloudwatch_unit = chosen.cloudwatch;
  row.ucum_unit = chosen.unit->ucum;
  row.help = std::string(key.key()) + " of the upstream's metrics service";
  if (!chosen.unit->in_words.empty()) row.help += ", " + std::string(chosen.unit->in_words);
  row.help += ". Compare " + PrometheusName(key.row().name) + ".";
  row.contract = true;
  row.key = key;
  row.scale = chosen.unit->per_base / UnitOf(key).per_base;
  return row;
}

// Builds the rows of one naming.
class Names {
 public:
  explicit Names(NameScheme scheme) : scheme_(scheme) {
    for (const UpstreamKey& key : MappableKeys()) keys_.emplace(key.key(), key);
  }

  absl::Status Map(const MappedName& mapped) {
    const auto known = keys_.find(mapped.key);
    if (known == keys_.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", mapped.key, "\": expected one of ",
          absl::StrJoin(keys_, ", ", [](std::string* out, const auto& k) { *out += k.first; })));
    }
    const UpstreamKey& key = known->second;
    if (!IsMetricName(mapped.name)) {
      return Fault(mapped, mapped.name,
                   "a name of at most 255 printable ASCII characters that begins with a letter "
                   "or digit");
    }
    ChosenUnit chosen = {&UnitOf(key), DefaultUnit(key)};
    if (!mapped.unit.empty()) {
      auto named = Choose(mapped, key);
      if (!named.ok()) return named.status();
      chosen = *named;
    }
    if (const MetricRow* own = OwnName(mapped); own != nullptr) {
      if (mapped.unit.empty() || chosen.cloudwatch == chatscale::UnitOf(*own).cloudwatch) {
        return absl::OkStatus();
      }
      return Fault(mapped, mapped.unit,
                   "as unit of " + std::string(own->name) + " " +
                       std::string(chatscale::UnitOf(*own).cloudwatch));
    }
    if (!mapped_.emplace(mapped.key, RowOf(key, mapped.name, chosen)).second) {
      return absl::InvalidArgumentError(absl::StrCat("\"", mapped.key, "\": expected once"));
    }
    return absl::OkStatus();
  }

  std::vector<PublishedRow> Rows() const {
    std::vector<PublishedRow> rows;
    if (scheme_ == NameScheme::kKdcube) AddScalars(rows);
    for (const MetricRow& row : Catalogue()) {
      if (scheme_ == NameScheme::kKdcube && row.IsObserved()) continue;
      if (!Replaced(row)) rows.push_back(UnderItsOwnName(row));
      if (scheme_ == NameScheme::kChat) AddMapped(row, rows);
    }
    return rows;
  }

 private:
  std::string_view DefaultUnit(const UpstreamKey& key) const {
    const bool theirs = scheme_ == NameScheme::kKdcube && !key.cloudwatch_unit().empty();
    return theirs ? key.cloudwatch_unit() : UnitOf(key).cloudwatch;
  }

  // The row that already has this name, among the key's rows.
  const MetricRow* OwnName(const MappedName& mapped) const {
    if (scheme_ == NameScheme::kKdcube) return nullptr;
    for (const MetricRow& row : Catalogue()) {
      if (row.InternalKey() == mapped.key && Sanitized(mapped.name) == PrometheusName(row.name)) {
        return &row;
      }
    }
    return nullptr;
  }

  bool Replaced(const MetricRow& row) const {
    return row.value != nullptr && !row.upstream.empty() && row.upstream.front().read == nullptr &&
           mapped_.count(std::string(row.InternalKey())) > 0;
  }

  void AddMapped(const MetricRow& row, std::vector<PublishedRow>& rows) const {
    for (const UpstreamScalar& scalar : row.upstream) {
      const auto mapped = mapped_.find(std::string(scalar.key));
      if (mapped != mapped_.end() && mapped->second.row == &row) rows.push_back(mapped->second);
    }
  }

  void AddScalars(std::vector<PublishedRow>& rows) const {
    for (const auto& [name, key] : keys_) {
      const auto mapped = mapped_.find(name);
      if (mapped != mapped_.end()) {
        rows.push_back(mapped->second);
      } else if (!key.cloudwatch_unit().empty()) {
        rows.push_back(RowOf(key, name, {&UnitOf(key), DefaultUnit(key)}));
      } else {
        continue;
      }
      rows.back().prometheus_name.insert(0, kPrefix);
    }
  }

  const NameScheme scheme_;
  std::map<std::string, UpstreamKey> keys_;
  std::map<std::string, PublishedRow> mapped_;  // by key
};

// A histogram also occupies the names of its parts.
std::vector<std::string> NamesIn(const PublishedRow& row) {
  std::vector<std::string> names = {row.prometheus_name};
  if (row.row->type == MetricType::Histogram) {
    for (const char* part : {"_bucket", "_sum", "_count"}) {
      names.push_back(row.prometheus_name + part);
    }
  }
  return names;
}

std::string KeyOrName(const PublishedRow& row) {
  return std::string(row.key ? row.key->key() : row.row->name);
}

absl::Status CheckDistinct(std::span<const PublishedRow> rows) {
  std::map<std::string, const PublishedRow*> taken;
  for (const PublishedRow& row : rows) {
    for (const std::string& name : NamesIn(row)) {
      const auto [other, is_new] = taken.emplace(name, &row);
      if (is_new) continue;
      return absl::InvalidArgumentError(absl::StrCat("\"", KeyOrName(*other->second), "\" and \"",
                                                     KeyOrName(row), "\" both become ", name,
                                                     ": expected a name for each"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

PublishedRow UnderItsOwnName(const MetricRow& row) {
  PublishedRow own;
  own.row = &row;
  own.name = row.name;
  own.prometheus_name = PrometheusName(row.name);
  own.cloudwatch_name = WithSlashes(row.name);
  own.cloudwatch_unit = UnitOf(row).cloudwatch;
  own.ucum_unit = UnitOf(row).ucum;
  own.help = row.help;
  own.contract = row.contract;
  return own;
}

absl::StatusOr<std::shared_ptr<const Naming>> Naming::Of(NameScheme scheme,
                                                         std::span<const MappedName> mapping) {
  Names names(scheme);
  for (const MappedName& mapped : mapping) {
    if (absl::Status status = names.Map(mapped); !status.ok()) return status;
  }
  std::vector<PublishedRow> rows = names.Rows();
  if (absl::Status status = CheckDistinct(rows); !status.ok()) return status;
  return std::shared_ptr<const Naming>(new Naming(std::move(rows)));
}

std::shared_ptr<const Naming> Naming::Own() {
  static const std::shared_ptr<const Naming> own(new Naming(Names(NameScheme::kChat).Rows()));
  return own;
}

namespace {

constexpr std::array<NamedUnit, 7> kUnits = {{
    {Unit::kNone, 1, "Count", "1", ""},
    {Unit::kSeconds, 1, "Seconds", "s", "in seconds"},
    {Unit::kSeconds, 1e3, "Milliseconds", "ms", "in milliseconds"},
    {Unit::kSeconds, 1e6, "Microseconds", "us", "in microseconds"},
    {Unit::kRatio, 1, "None", "1", "as a ratio"},
    {Unit::kRatio, 1e2, "Percent", "%", "in percent"},
    {Unit::kBytes, 1, "Bytes", "By", "in bytes"},
}};

}  // namespace

std::span<const NamedUnit> NamedUnits() { return kUnits; }

const NamedUnit& UnitThatIs(Unit base, double per_base) {
  const auto* const found = std::ranges::find_if(
      kUnits, [&](const NamedUnit& u) { return u.base == base && u.per_base == per_base; });
  return found == kUnits.end() ? kUnits.front() : *found;
}

const NamedUnit& UnitOf(const MetricRow& row) {
  const bool percent = row.unit == Unit::kNone && row.name.ends_with("_percent");
  return percent ? UnitThatIs(Unit::kRatio, 1e2) : UnitThatIs(row.unit, 1);
}

MaybeNumber UpstreamKey::Read(const Snapshot& snapshot, double scale) const {
  const bool own = scalar_->read != nullptr;
  const MaybeNumber value = own ? scalar_->read(snapshot) : row_->value(snapshot);
  return value ? MaybeNumber(*value * (own ? scale : scalar_->factor * scale)) : std::nullopt;
}

std::vector<UpstreamKey> MappableKeys() {
  std::vector<UpstreamKey> keys;
  for (const MetricRow& row : Catalogue()) {
    for (const UpstreamScalar& scalar : row.upstream) keys.emplace_back(row, scalar);
  }
  // Two rows share the backpressure count, which the upstream does not split.
  const auto before = [](const UpstreamKey& a, const UpstreamKey& b) { return a.key() < b.key(); };
  const auto same = [](const UpstreamKey& a, const UpstreamKey& b) { return a.key() == b.key(); };
  std::stable_sort(keys.begin(), keys.end(), before);
  keys.erase(std::unique(keys.begin(), keys.end(), same), keys.end());
  return keys;
}

std::span<const UpstreamKey> UpstreamKeys() {
  static const std::vector<UpstreamKey> exported = [] {
    std::vector<UpstreamKey> keys = MappableKeys();
    std::erase_if(keys, [](const UpstreamKey& key) { return key.cloudwatch_unit().empty(); });
    return keys;
  }();
  return exported;
}

}  // namespace chatscale
