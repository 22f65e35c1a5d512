#include "exporter/web/page/html.h"

#include "absl/strings/str_cat.h"
#include "exporter/model/text.h"
#include "recommender/explain.h"

namespace chatscale {

std::string EscapeHtml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Element(std::string_view tag, std::string_view attributes, std::string_view inner) {
  std::string html = "<";
  html.append(tag);
  if (!attributes.empty()) html.append(" ").append(attributes);
  html.append(">").append(inner).append("</").append(tag).append(">");
  return html;
}

std::string TextElement(std::string_view tag, std::string_view text) {
  return Element(tag, "", EscapeHtml(text));
}

std::string TextElement(std::string_view tag, std::string_view attributes, std::string_view text) {
  return Element(tag, attributes, EscapeHtml(text));
}

std::string Table(std::string_view label, std::string_view caption,
                  std::initializer_list<std::string_view> headings, std::string_view rows) {
  if (rows.empty()) return "";
  std::string head;
  for (const std::string_view heading : headings) {
    head += TextElement("th", "scope=\"col\"", heading);
  }
  return Element(
      "div",
      "class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + EscapeHtml(label) + "\"",
      Element("table", "",
              TextElement("caption", caption) + Element("thead", "", Element("tr", "", head)) +
                  Element("tbody", "", rows)));
}

std::string QueryOf(const Target& target) {
  return "?tenant=" + PercentEncoded(target.tenant) + "&project=" + PercentEncoded(target.project);
}

std::string NameOf(const Target& target) {
  if (target == Target{}) return "this system";
  return target.tenant + "/" + target.project;
}

std::string CountOf(const std::optional<int>& replicas) {
  return replicas ? std::to_string(*replicas) : "?";
}

std::string ClockTime(absl::Time at) {
  return absl::FormatTime("%H:%M:%S UTC", at, absl::UTCTimeZone());
}

namespace {

using recommender::PlainDuration;
using recommender::PlainNumber;
using recommender::Recommendation;
using recommender::SizingReport;

std::string Seconds(double seconds) { return PlainDuration(absl::Seconds(seconds)); }

// Demand: what waits, runs and arrives.
void AddDemand(const SizingReport& sizing, bool proc, std::vector<std::string>& lines) {
  const char* at_least = sizing.at_least ? "at least " : "";
  if (sizing.demand && !proc) {
    lines.push_back(absl::StrCat(at_least, PlainNumber(*sizing.demand), " streams are open."));
  }
  if (sizing.demand && proc) {
    lines.push_back(absl::StrCat(
        at_least, PlainNumber(*sizing.demand), " tasks wait or run",
        sizing.waiting ? absl::StrCat(", ", PlainNumber(*sizing.waiting), " of them wait.") : "."));
  }
  if (sizing.jobs_waiting) {
    lines.push_back(absl::StrCat(PlainNumber(*sizing.jobs_waiting),
                                 " background jobs wait; they are to be done within ",
                                 PlainDuration(recommender::kJobsDrain), "."));
  }
  if (sizing.offered_load && sizing.service_seconds) {
    lines.push_back(absl::StrCat("Arrivals keep ", PlainNumber(*sizing.offered_load),
                                 " slots busy, at ", PlainNumber(*sizing.service_seconds),
                                 " s a task",
                                 sizing.peakedness && *sizing.peakedness > 1
                                     ? absl::StrCat(", ", PlainNumber(*sizing.peakedness),
                                                    " times the variance of Poisson arrivals.")
                                     : "."));
  }
}

// Need: now, in the window, and after the lead time.
void AddNeed(const SizingReport& sizing, bool proc, std::vector<std::string>& lines) {
  const char* unit = proc ? " slots" : " streams";
  if (sizing.need) {
    lines.push_back(absl::StrCat(
        "The current load needs ", PlainNumber(*sizing.need), unit,
        sizing.drain_slots.value_or(0) > 0
            ? absl::StrCat(", ", PlainNumber(*sizing.drain_slots),
                           " of them to clear what waits within ", PlainDuration(sizing.drain), ".")
            : "."));
  }
  if (sizing.window_need) {
    lines.push_back(absl::StrCat("Within the scale-in window it needed up to ",
                                 PlainNumber(*sizing.window_need), unit,
                                 "; scale-in keeps as many."));
  }
  if (sizing.ahead) {
    lines.push_back(absl::StrCat("After the lead time ", PlainNumber(*sizing.ahead),
                                 proc ? " slots are busy" : " streams are open",
                                 sizing.by_forecast ? ", as on earlier days." : "."));
  }
  if (sizing.out_need) {
    lines.push_back(absl::StrCat("A scale-out is for ", PlainNumber(*sizing.out_need), unit, "."));
  }
}

}  // namespace

std::vector<std::string> SizingWords(const Recommendation& given) {
  const SizingReport& sizing = given.sizing;
  const bool proc = given.service == recommender::Service::kProc;
  std::vector<std::string> lines;
  AddDemand(sizing, proc, lines);
  AddNeed(sizing, proc, lines);
  if (sizing.per_replica) {
    lines.push_back(absl::StrCat("One replica has ", PlainNumber(*sizing.per_replica), "."));
  }
  if (sizing.want) {
    lines.push_back(absl::StrCat("That makes ", *sizing.want, " replicas; the policy allows ",
                                 given.min, " to ", given.max, "."));
  }
  if (sizing.startup_seconds) {
    lines.push_back(absl::StrCat("A new replica takes about ", Seconds(*sizing.startup_seconds),
                                 " to start, as observed."));
  }
  return lines;
}

}  // namespace chatscale
