
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "exporter/web/page/html.h"
#include "exporter/web/page/sections.h"

namespace chatscale {

namespace {

std::string Chart(const char* service, const std::string& chart, const std::string& title) {
  return Element("figure", "",
                 TextElement("figcaption", title) +
                     Element("div", "class=\"chart\"",
                             Element("canvas",
                                     absl::StrCat("role=\"img\" data-component=\"", service,
                                                  "\" data-chart=\"", EscapeHtml(chart),
                                                  "\" aria-label=\"", EscapeHtml(title), "\""),
                                     "")));
}

}  // namespace

std::string ChartsSection(const PageContent& content) {
  const std::string link = "/api/v1/history" + QueryOf(content.target->target);
  std::string html = "<noscript><p>The charts need JavaScript; the figures are under " +
                     Element("a", "href=\"" + EscapeHtml(link) + "\"", "/api/v1/history") +
                     ".</p></noscript>";
  for (const Service service : kServices) {
    const char* name = recommender::NameOf(service);
    std::string figures = Chart(name, "replicas", "replicas: current and desired");
    for (const HistorySignal& signal : SignalsOfHistory(service)) {
      const std::string title(signal.name);
      figures += Chart(name, title, title);
    }
    html += Element("article", "",
                    TextElement("h3", name) + Element("div", "class=\"charts\"", figures));
  }
  return html;
}

namespace {

using nlohmann::json;

// List item for a record of DecisionJson.
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
  if (items.empty()) return TextElement("p", "No change of the recommendation since the start.");
  return Element("ol", "class=\"decisions\" reversed", items);
}

}  // namespace chatscale
