#include "exporter/web/page/sizing_words.h"

#include "absl/strings/str_cat.h"
#include "recommender/explain.h"

namespace chatscale {
namespace {

using recommender::PlainDuration;
using recommender::PlainNumber;
using recommender::Recommendation;
using recommender::SizingReport;

std::string Seconds(double seconds) { return PlainDuration(absl::Seconds(seconds)); }

// What there is to do.
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
    lines.push_back(absl::StrCat(
        "What arrives keeps ", PlainNumber(*sizing.offered_load), " slots busy, at ",
        PlainNumber(*sizing.service_seconds), " s a task",
        sizing.peakedness && *sizing.peakedness > 1
            ? absl::StrCat(", ", PlainNumber(*sizing.peakedness), " times as uneven as chance.")
            : "."));
  }
}

// What that needs, now, of late and soon.
void AddNeed(const SizingReport& sizing, bool proc, std::vector<std::string>& lines) {
  const char* unit = proc ? " slots" : " places for streams";
  if (sizing.need) {
    lines.push_back(absl::StrCat(
        "Now that needs ", PlainNumber(*sizing.need), unit,
        sizing.drain_slots.value_or(0) > 0
            ? absl::StrCat(", ", PlainNumber(*sizing.drain_slots),
                           " of them to clear what waits within ", PlainDuration(sizing.drain), ".")
            : "."));
  }
  if (sizing.window_need) {
    lines.push_back(absl::StrCat("Of late it needed up to ", PlainNumber(*sizing.window_need), unit,
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
