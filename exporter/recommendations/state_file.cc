#include "exporter/recommendations/state_file.h"

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "exporter/files/files.h"
#include "exporter/recommendations/field_json.h"

namespace chatscale {

namespace {

using field_json::Reader;
using field_json::Writer;
using nlohmann::json;

}  // namespace

json StateJson(const recommender::State& state) { return Writer::Write(state); }

absl::StatusOr<recommender::State> StateFromJson(const json& from) {
  recommender::State state;
  std::string fault;
  recommender::VisitFields(state, Reader{from, &fault});
  for (const auto* component : {&state.ingress, &state.proc}) {
    if (component->desired.value_or(0) < 0) fault = "desired";
  }
  if (state.at == absl::InfiniteFuture()) fault = "at";
  if (fault.empty()) return state;
  return absl::InvalidArgumentError("state: field \"" + fault + "\" is not of its form");
}

json SignalsJson(const recommender::Signals& signals) { return Writer::Write(signals); }

absl::StatusOr<recommender::Signals> SignalsFromJson(const json& from) {
  recommender::Signals signals;
  std::string fault;
  recommender::VisitFields(signals, Reader{from, &fault});
  if (fault.empty()) return signals;
  return absl::InvalidArgumentError("signals: field \"" + fault + "\" is not of its form");
}

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kVersion = 1;
constexpr int kMostSetAside = 100;

struct Parsed {
  States states;
  std::size_t unusable = 0;  // targets
  std::string fault;         // of one of them
};

absl::Status Take(const json& entry, States& states) {
  if (!entry.is_object()) return absl::InvalidArgumentError("a target that is no object");
  const json tenant = entry.value("tenant", json());
  const json project = entry.value("project", json());
  if (!tenant.is_string() || !project.is_string()) {
    return absl::InvalidArgumentError("a target without a name");
  }
  auto state = StateFromJson(entry.value("state", json()));
  if (!state.ok()) return state.status();
  states[{tenant.get<std::string>(), project.get<std::string>()}] = *std::move(state);
  return absl::OkStatus();
}

// An unusable target does not affect the others.
absl::StatusOr<Parsed> Parse(const std::string& text) {
  const json file = json::parse(text, nullptr, false);
  if (!file.is_object()) return absl::InvalidArgumentError("not a JSON object");
  if (file.value("version", json()) != kVersion) {
    return absl::InvalidArgumentError("not version " + std::to_string(kVersion));
  }
  const json targets = file.value("targets", json());
  if (!targets.is_array()) return absl::InvalidArgumentError("no list of targets");
  Parsed parsed;
  for (const json& entry : targets) {
    const absl::Status taken = Take(entry, parsed.states);
    if (taken.ok()) continue;
    ++parsed.unusable;
    parsed.fault = std::string(taken.message());
  }
  return parsed;
}

// Renames or copies the damaged file; returns the new name, empty on failure.
std::string SetAside(const std::string& path, bool copy) {
  for (int n = 1; n < kMostSetAside; ++n) {
    std::string aside = path + ".damaged-" + std::to_string(n);
    std::error_code error;
    if (fs::exists(aside, error)) continue;
    if (copy) {
      fs::copy_file(path, aside, error);
    } else {
      fs::rename(path, aside, error);
    }
    if (!error) return aside;
  }
  return "";
}

std::string Warning(const std::string& what, const std::string& why, const std::string& aside) {
  return what + " unusable (" + why + "); " +
         (aside.empty() ? "it could not be set aside" : "set aside as " + aside);
}

}  // namespace

absl::StatusOr<LoadedStates> LoadStates(const std::string& path) {
  constexpr std::size_t kMostStateBytes = std::size_t{1} << 30;
  const absl::StatusOr<std::string> text = ReadWholeFile(path, kMostStateBytes);
  if (absl::IsNotFound(text.status())) return LoadedStates{};
  auto parsed = text.ok() ? Parse(*text) : text.status();
  if (parsed.ok() && parsed->unusable == 0) return LoadedStates{std::move(parsed->states), ""};
  if (parsed.ok()) {
    const std::string what = path + ": " + std::to_string(parsed->unusable) +
                             (parsed->unusable == 1 ? " target is" : " targets are");
    std::string warning = Warning(what, parsed->fault, SetAside(path, true));
    return LoadedStates{std::move(parsed->states), std::move(warning)};
  }
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return parsed.status();
  return LoadedStates{
      {}, Warning(path + " is", std::string(parsed.status().message()), SetAside(path, false))};
}

absl::Status SaveStates(const std::string& path, const States& states) {
  json targets = json::array();
  for (const auto& [target, state] : states) {
    targets.push_back(
        {{"tenant", target.tenant}, {"project", target.project}, {"state", StateJson(state)}});
  }
  const std::string text = json({{"version", kVersion}, {"targets", targets}})
                               .dump(-1, ' ', false, json::error_handler_t::replace);
  constexpr mode_t kOursAlone = 0600;
  return ReplaceFile(path, text + "\n", kOursAlone);
}

}  // namespace chatscale
