#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "exporter/web/page/html.h"
#include "exporter/web/page/sections.h"
#include "recommender/explain.h"

namespace chatscale {
namespace {

using recommender::Comparison;
using recommender::Decision;
using recommender::PlainDuration;
using recommender::PlainNumber;
using recommender::Recommendation;
using recommender::RuleReport;
using recommender::RuleStatus;

bool WantsMore(const RuleReport& rule) {
  return rule.row->comparison == Comparison::kAbove || rule.row->comparison == Comparison::kAtLeast;
}

// Ratio of the value to the threshold, 0..1; 1 at the threshold and beyond.
double Progress(const RuleReport& rule) {
  const double value = rule.value.value_or(0);
  if (WantsMore(rule) ? value >= rule.threshold : value <= rule.threshold) return 1;
  const double share = WantsMore(rule) ? value / rule.threshold : rule.threshold / value;
  return std::clamp(share, 0.0, 1.0);
}

std::string Meter(const RuleReport& rule) {
  if (!rule.value) return "";
  const double share = Progress(rule);
  const std::string percent = absl::StrFormat("%.0f %%", 100 * share);
  return TextElement(
      "meter",
      absl::StrFormat("min=\"0\" max=\"1\" value=\"%.3f\" aria-label=\"%s of the way\"", share,
                      percent),
      percent);
}

// Pending: "1 min 10 s of 2 min", and as a bar; active: "19 min".
std::string Held(const RuleReport& rule, absl::Time now) {
  if (rule.status != RuleStatus::kPending && rule.status != RuleStatus::kActive) return "";
  const absl::Duration held = std::max(absl::ZeroDuration(), now - rule.since);
  if (rule.status == RuleStatus::kActive) return EscapeHtml(PlainDuration(held));
  const std::string words = PlainDuration(held) + " of " + PlainDuration(rule.required);
  const double share = std::min(1.0, absl::FDivDuration(held, rule.required));
  return EscapeHtml(words) + " " +
         TextElement(
             "progress",
             absl::StrFormat("max=\"1\" value=\"%.3f\" aria-label=\"time it has held\"", share),
             words);
}

std::string Row(const RuleReport& rule, absl::Time now) {
  const recommender::RuleRow& row = *rule.row;
  const std::string state(recommender::RuleStatusName(rule.status));
  const std::string value =
      rule.value ? (rule.at_least ? "at least " : "") + PlainNumber(*rule.value, row.unit)
                 : "no data";
  const std::string threshold = absl::StrCat(std::string(recommender::InWords(row.comparison)), " ",
                                             PlainNumber(rule.threshold, row.unit));
  return Element("tr", "class=\"" + state + "\"",
                 TextElement("td", row.direction == recommender::Direction::kOut ? "scale out"
                                                                                 : "scale in") +
                     TextElement("th", "scope=\"row\"", row.signal) + TextElement("td", value) +
                     TextElement("td", threshold) + Element("td", "", Meter(rule)) +
                     Element("td", "class=\"state\"", TextElement("span", state)) +
                     Element("td", "", Held(rule, now))) +
         "\n";
}

std::string RulesTable(const Recommendation& given) {
  std::string rows, off;
  for (std::size_t i = 0; i < given.rule_count; ++i) {
    const RuleReport& rule = given.rules[i];
    if (rule.status != RuleStatus::kOff) {
      rows += Row(rule, given.at);
    } else {
      off += (off.empty() ? "Off in the policy: " : ", ") + std::string(rule.row->name);
    }
  }
  const std::string name = recommender::NameOf(given.service);
  return Table("Rules of " + name, "Out when any rule holds; in when all do.",
               {"Direction", "Signal", "Value", "Threshold", "How far", "State", "Held"}, rows) +
         (off.empty() ? "" : TextElement("p", "class=\"off\"", off + "."));
}

std::string Rails(const Recommendation& given) {
  std::string items;
  for (const auto* reasons : {&given.limited, &given.notes}) {
    for (const recommender::Reason reason : *reasons) {
      items += TextElement("li", recommender::Text(reason).sentence);
    }
  }
  std::string html;
  if (given.suppressed != Decision::kHold) {
    const bool out = given.suppressed == Decision::kScaleOut;
    html += TextElement("p", "class=\"suppressed\"",
                        absl::StrCat("Suppressed: the rules wanted to scale ", out ? "out" : "in",
                                     given.raw ? absl::StrCat(" to ", *given.raw, " replicas") : "",
                                     ", and the guard rails took it back."));
  }
  if (items.empty()) return html + TextElement("p", "No guard rail changed the proposal.");
  return html + TextElement("h4", "Guard rails that acted, and notes") + Element("ul", "", items);
}

std::string SizingList(const Recommendation& given) {
  std::string items;
  for (const std::string& line : SizingWords(given)) items += TextElement("li", line);
  if (items.empty()) return "";
  return TextElement("h4", "Sizing") + Element("ul", "class=\"sizing\"", items);
}

}  // namespace

std::string WhySection(const PageContent& content) {
  if (!content.target->recommendations) return "";
  std::string html;
  for (const Service service : kServices) {
    const Recommendation& given = content.target->recommendations->services[service].recommendation;
    html += Element(
        "article", "",
        TextElement("h3", recommender::NameOf(service)) + RulesTable(given) +
            Element("div", "class=\"columns\"",
                    Element("div", "", SizingList(given)) + Element("div", "", Rails(given))));
  }
  return html;
}

}  // namespace chatscale
