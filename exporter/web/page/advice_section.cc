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

std::string Since(const ServiceAdvice& advised, absl::Time now) {
  if (advised.last_decision == absl::InfinitePast()) return "Unchanged since chatscale started.";
  return "Since " + ClockTime(advised.last_decision) + ", for " +
         recommender::PlainDuration(now - advised.last_decision) + ".";
}

std::string Card(const ServiceAdvice& advised, absl::Time now) {
  const Recommendation& given = advised.recommendation;
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
                     TextElement("p", "class=\"sentence\"", advised.sentence) +
                     TextElement("p", "class=\"since\"", Since(advised, now)));
}

}  // namespace

std::string AdviceSection(const PageContent& content) {
  if (!content.target->advice) return TextElement("p", "Nothing has been evaluated yet.");
  const Advice& advice = *content.target->advice;
  std::string cards;
  for (const Service service : kServices) {
    cards += Card(advice.services[service], advice.evaluated_at);
  }
  return Element("div", "class=\"cards\"", cards);
}

}  // namespace chatscale
