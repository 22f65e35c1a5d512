#include "absl/strings/str_cat.h"
#include "exporter/web/page/html.h"
#include "exporter/web/page/sections.h"
#include "recommender/explain.h"

namespace chatscale {
namespace {

using recommender::Recommendation;

const char* Direction(const Recommendation& given) {
  if (!given.desired || !given.current) return "unknown";
  if (*given.desired > *given.current) return "out";
  return *given.desired < *given.current ? "in" : "hold";
}

std::string Since(const ServiceRecommendation& recommended, absl::Time now) {
  if (recommended.last_decision == absl::InfinitePast())
    return "Unchanged since chatscale started.";
  return "Since " + ClockTime(recommended.last_decision) + ", for " +
         recommender::PlainDuration(now - recommended.last_decision) + ".";
}

std::string Card(const ServiceRecommendation& recommended, absl::Time now) {
  const Recommendation& given = recommended.recommendation;
  const std::string name = recommender::NameOf(given.service);
  const std::string replicas =
      TextElement("span", "class=\"current\"", CountOf(given.current)) +
      "<span class=\"arrow\" aria-hidden=\"true\"> → </span><span class=\"unseen\"> to </span>" +
      TextElement("span", "class=\"desired\"", CountOf(given.desired)) +
      "<span class=\"unit\"> replicas</span>";
  return Element("article",
                 absl::StrCat("class=\"card ", Direction(given), "\" data-announce=\"",
                              EscapeHtml(absl::StrCat(name, ": ", CountOf(given.current), " to ",
                                                      CountOf(given.desired), " replicas")),
                              "\""),
                 TextElement("h3", name) + Element("p", "class=\"replicas\"", replicas) +
                     TextElement("p", "class=\"sentence\"", recommended.sentence) +
                     TextElement("p", "class=\"since\"", Since(recommended, now)));
}

}  // namespace

std::string RecommendationSection(const PageContent& content) {
  if (!content.target->recommendations) return TextElement("p", "Nothing has been evaluated yet.");
  const Recommendations& recommendations = *content.target->recommendations;
  std::string cards;
  for (const Service service : kServices) {
    cards += Card(recommendations.services[service], recommendations.evaluated_at);
  }
  return Element("div", "class=\"cards\"", cards);
}

}  // namespace chatscale
