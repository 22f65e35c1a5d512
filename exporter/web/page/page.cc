#include "exporter/web/page/page.h"

#include "exporter/model/build_info.h"
#include "exporter/model/text.h"
#include "exporter/web/page/html.h"
#include "exporter/web/page/sections.h"

namespace chatscale {
namespace {

std::string Head(const PageContent& content) {
  const std::string title =
      content.target == nullptr ? "chatscale" : NameOf(content.target->target) + " - chatscale";
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
         TextElement("title", title) +
         "\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<link rel=\"stylesheet\" href=\"/page.css\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n"
         "<script src=\"/chart.js\" defer></script>\n<script src=\"/page.js\" defer></script>\n"
         "</head>\n";
}

std::string Search(const PageContent& content) {
  if (content.target != nullptr && content.view.targets.size() < 2) return "";
  return "<form role=\"search\" action=\"/\"><label for=\"search\">Tenant</label> "
         "<input id=\"search\" name=\"q\" type=\"search\" autocomplete=\"off\" value=\"" +
         EscapeHtml(content.search) +
         "\"> <button>Find</button> <a href=\"/\">All tenants</a></form>\n";
}

std::string Header(const PageContent& content) {
  std::string name = Element("a", "href=\"/\"", "chatscale");
  if (content.target != nullptr) {
    name += " " + TextElement("span", "class=\"target\"", NameOf(content.target->target));
  }
  const std::string now = ClockTime(content.now);
  return "<a class=\"skip\" href=\"#main\">To the content</a>\n<header>\n" +
         Element("h1", "", name) + "\n" + Search(content) +
         Element("p", "id=\"connection\" role=\"status\" data-at=\"" + now + "\"", "as of " + now) +
         "\n</header>\n";
}

std::string Footer() {
  return "<footer><p>chatscale " + EscapeHtml(kVersion) + " (" + EscapeHtml(kRevision) +
         "). It recommends; an autoscaler that reads its recommendation acts.</p></footer>\n";
}

std::string SectionElement(const std::string& id, const std::string& heading,
                           const std::string& html) {
  return Element("section", "aria-label=\"" + heading + "\"",
                 TextElement("h2", heading) + Element("div", "id=\"" + id + "\"", html)) +
         "\n";
}

}  // namespace

std::map<std::string, std::string> Sections(const PageContent& content) {
  std::map<std::string, std::string> sections = {{"banners", BannersSection(content)}};
  if (content.target == nullptr) {
    sections["targets"] = TargetsSection(content);
    return sections;
  }
  sections["recommendation"] = RecommendationSection(content);
  sections["why"] = WhySection(content);
  sections["decisions"] = DecisionsSection(content);
  sections["health"] = HealthSection(content);
  return sections;
}

std::string Page(const PageContent& content) {
  const auto sections = Sections(content);
  std::string query = "?q=" + PercentEncoded(content.search);
  if (content.missing) query = QueryOf(*content.missing);
  if (content.target != nullptr) query = QueryOf(content.target->target);
  std::string page = Head(content) + "<body data-query=\"" + EscapeHtml(query) + "\">\n" +
                     Header(content) + "<main id=\"main\">\n";
  page += Element("div", "id=\"banners\"", sections.at("banners")) + "\n";
  page += "<p id=\"announce\" class=\"unseen\" role=\"status\" aria-live=\"polite\"></p>\n";
  if (content.target == nullptr) {
    page += SectionElement("targets", "Tenants", sections.at("targets"));
  } else {
    page += SectionElement("recommendation", "Recommendation", sections.at("recommendation"));
    page += SectionElement("why", "Why", sections.at("why"));
    page += SectionElement("history", "The last hour", ChartsSection(content));
    page += SectionElement("decisions", "Decisions", sections.at("decisions"));
    page += SectionElement("health", "Health", sections.at("health"));
  }
  return page + "</main>\n" + Footer() + "</body>\n</html>\n";
}

}  // namespace chatscale
