#include "absl/strings/str_cat.h"
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

}  // namespace chatscale
