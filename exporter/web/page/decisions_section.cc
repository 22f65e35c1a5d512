#include <nlohmann/json.hpp>

#include "absl/time/time.h"
#include "exporter/web/page/html.h"
#include "exporter/web/page/sections.h"

namespace chatscale {
namespace {

using nlohmann::json;

// Of a record that DecisionJson made.
std::string Item(const json& record) {
  const auto text = [&](const char* key) {
    const auto found = record.find(key);
    return found != record.end() && found->is_string() ? found->get<std::string>() : "";
  };
  const auto at = record.find("timestamp");
  const double seconds = at != record.end() && at->is_number() ? at->get<double>() : 0;
  return Element("li",
                 "tabindex=\"0\" data-at=\"" + std::to_string(seconds) + "\" data-component=\"" +
                     EscapeHtml(text("component")) + "\" class=\"" + EscapeHtml(text("decision")) +
                     "\"",
                 TextElement("time", ClockTime(absl::UnixEpoch() + absl::Seconds(seconds))) + " " +
                     EscapeHtml(text("sentence")));
}

}  // namespace

std::string DecisionsSection(const PageContent& content) {
  std::string items;
  for (const std::string& line : content.decisions) {
    const json record = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (record.is_object()) items += Item(record) + "\n";
  }
  if (items.empty()) return TextElement("p", "No change of the advice since the start.");
  return Element("ol", "class=\"decisions\" reversed", items);
}

}  // namespace chatscale
