// Policy text: parses and formats policy fields; declared in policy_fields.h.
#include <charconv>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "recommender/abseil_view.h"
#include "recommender/policy_fields.h"

namespace chatscale::recommender {

namespace {

// The known path with the longest common prefix.
std::string_view Nearest(std::string_view path) {
  std::string_view best;
  std::size_t longest = 0;
  for (const PolicyField& field : PolicyFields()) {
    std::size_t same = 0;
    while (same < path.size() && same < field.path.size() && path[same] == field.path[same]) {
      ++same;
    }
    if (same > longest) {
      longest = same;
      best = field.path;
    }
  }
  return best;
}

absl::Status Refuse(const PolicyField& field, std::string_view text, std::string_view problem) {
  const std::string allowed = field.unit == PolicyUnit::kSwitch
                                  ? "true or false"
                                  : absl::StrCat(PolicyBoundText(field, field.bounds.low), " to ",
                                                 PolicyBoundText(field, field.bounds.high));
  return absl::InvalidArgumentError(absl::StrCat(Abseil(field.path), ": \"", Abseil(text), "\" ",
                                                 Abseil(problem), "; allowed: ", allowed, " (",
                                                 Abseil(UnitName(field.unit)), ")"));
}

bool Inside(const PolicyField& field, double value) {
  return value >= field.bounds.low && value <= field.bounds.high;
}

// One Parse per type of field; false: not a value of that type.
bool Parse(std::string_view text, double& value) {
  return absl::SimpleAtod(Abseil(text), &value) && std::isfinite(value);
}
bool Parse(std::string_view text, int& value) { return absl::SimpleAtoi(Abseil(text), &value); }
bool Parse(std::string_view text, absl::Duration& value) {
  return absl::ParseDuration(Abseil(text), &value);
}
bool Parse(std::string_view text, Lead& value) {
  value = {.learned = text == "auto"};
  return value.learned || Parse(text, value.assumed);
}
bool Parse(std::string_view text, absl::Time& value) {
  value = absl::InfinitePast();
  return text == "none" || absl::ParseTime(absl::RFC3339_full, Abseil(text), &value, nullptr);
}
bool Parse(std::string_view text, bool& value) {
  value = text == "true";
  return text == "true" || text == "false";
}

double AsNumber(double value) { return value; }
double AsNumber(int value) { return value; }
double AsNumber(bool value) { return value ? 1 : 0; }
double AsNumber(absl::Duration value) { return absl::ToDoubleSeconds(value); }
double AsNumber(const Lead& value) { return AsNumber(value.assumed); }
double AsNumber(absl::Time value) {
  return value == absl::InfinitePast() ? 0 : absl::ToDoubleSeconds(value - absl::UnixEpoch());
}

std::string AsText(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  return {buffer, end};
}
std::string AsText(int value) { return absl::StrCat(value); }
std::string AsText(bool value) { return value ? "true" : "false"; }
std::string AsText(absl::Duration value) { return absl::FormatDuration(value); }
std::string AsText(const Lead& value) { return value.learned ? "auto" : AsText(value.assumed); }
std::string AsText(absl::Time value) {
  if (value == absl::InfinitePast()) return "none";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", value, absl::UTCTimeZone());
}

}  // namespace

std::string_view UnitName(PolicyUnit unit) {
  switch (unit) {
    case PolicyUnit::kRatio:
      return "ratio";
    case PolicyUnit::kPercent:
      return "percent";
    case PolicyUnit::kSeconds:
      return "seconds";
    case PolicyUnit::kTasksPerMinute:
      return "tasks per minute";
    case PolicyUnit::kCount:
      return "count";
    case PolicyUnit::kDuration:
      return "duration, for example 90s or 2m";
    case PolicyUnit::kLead:
      return "duration, for example 90s, or auto";
    case PolicyUnit::kInstant:
      return "instant, for example 2026-11-30T18:00:00Z, or none";
    case PolicyUnit::kSwitch:
      return "switch";
  }
  return "";
}

const PolicyField* FindPolicyField(std::string_view path) {
  for (const PolicyField& field : PolicyFields()) {
    if (field.path == path) return &field;
  }
  return nullptr;
}

absl::Status SetPolicyField(Policy& policy, std::string_view path, std::string_view text) {
  const PolicyField* field = FindPolicyField(path);
  if (field == nullptr && path == "input.adopt_after") {
    return absl::NotFoundError(
        "input.adopt_after was removed: a count that somebody sets by hand is never taken over; "
        "override.min_replicas and override.until of a component raise the recommendation");
  }
  // Earlier versions printed this removed field for every rule: 0 is accepted and ignored.
  if (field == nullptr && path.ends_with(".dead_band")) {
    if (text == "0") return absl::OkStatus();
    return absl::NotFoundError(
        absl::StrCat(Abseil(path),
                     " was removed: a rule fires while its condition is true. Remove the line, or "
                     "set it to 0; a lower threshold keeps a rule firing for longer"));
  }
  if (field == nullptr) {
    std::string message = absl::StrCat("unknown key \"", Abseil(path), "\"");
    const std::string_view nearest = Nearest(path);
    if (!nearest.empty()) absl::StrAppend(&message, "; the nearest is \"", Abseil(nearest), "\"");
    return absl::NotFoundError(message);
  }
  return std::visit(
      [&](auto access) -> absl::Status {
        auto& target = access(policy);
        auto value = target;
        if (!Parse(text, value)) return Refuse(*field, text, "cannot be read");
        if (!Inside(*field, AsNumber(value))) return Refuse(*field, text, "is out of bounds");
        target = value;
        return absl::OkStatus();
      },
      field->access);
}

std::string PolicyBoundText(const PolicyField& field, double value) {
  if (field.unit == PolicyUnit::kInstant) return AsText(absl::UnixEpoch() + absl::Seconds(value));
  return IsDuration(field.unit) ? absl::FormatDuration(absl::Seconds(value)) : absl::StrCat(value);
}

std::string PolicyFieldText(const Policy& policy, const PolicyField& field) {
  Policy copy = policy;
  return std::visit([&](auto access) { return AsText(access(copy)); }, field.access);
}

double PolicyFieldNumber(const Policy& policy, const PolicyField& field) {
  Policy copy = policy;
  return std::visit([&](auto access) { return AsNumber(access(copy)); }, field.access);
}

std::uint64_t PolicyHash(const Policy& policy) {
  std::uint64_t hash = 1469598103934665603u;  // FNV-1a
  for (const PolicyField& field : PolicyFields()) {
    for (const char c : absl::StrCat(field.path, "=", PolicyFieldText(policy, field), "\n")) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    }
  }
  return hash;
}

}  // namespace chatscale::recommender
