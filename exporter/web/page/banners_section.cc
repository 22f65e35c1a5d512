#include "absl/strings/str_cat.h"
#include "exporter/web/page/html.h"
#include "exporter/web/page/sections.h"

namespace chatscale {
namespace {

using recommender::Reason;
using recommender::Recommendation;

std::string Banner(const char* kind, const std::string& text) {
  return TextElement("p", std::string("class=\"banner ") + kind + "\"", text);
}

std::string OfSources(const TargetView& target) {
  std::string banners;
  for (const SourceHealth& source : target.sources) {
    if (source.up) continue;
    const bool never = source.last_success == absl::InfinitePast();
    banners += Banner("bad", "Input from " + source.source + " is stale: " +
                                 (never ? "it has never responded"
                                        : "last read at " + ClockTime(source.last_success)) +
                                 " (" + source.error + ").");
  }
  if (!target.snapshot) banners += Banner("bad", "Nothing is known: no figures are shown.");
  return banners;
}

std::string OfRecommendation(const Recommendation& given) {
  std::string banners;
  const std::string name = recommender::NameOf(given.service);
  if (!given.valid()) {
    banners += Banner("bad", name + ": no recommendation is given.");
  } else if (!given.fresh) {
    banners += Banner("bad", name + ": the input is stale; the last recommendation is held.");
  } else if (given.partial) {
    banners += Banner("warn", name + ": the input is partial; nothing is scaled in on it.");
  }
  if (given.incident) banners += Banner("bad", name + ": no healthy replica while there is work.");
  if (given.limited.Has(Reason::kDbConnections) || given.limited.Has(Reason::kRedisConnections)) {
    banners += Banner(
        "warn", name + ": limited by connections: " + std::to_string(given.connection_shortfall) +
                    " replicas fewer than it needs.");
  }
  return banners;
}

}  // namespace

std::string BannersSection(const PageContent& content) {
  std::string banners;
  if (content.view.mode == "demo") {
    banners += Banner("demo", "Demo: every figure here is simulated.");
  }
  if (content.view.targets_left_out > 0) {
    banners += Banner("bad", absl::StrCat(content.view.targets_left_out,
                                          " tenants were found and are not read: there are more "
                                          "than chatscale reads."));
  }
  if (content.view.targets.empty()) banners += Banner("bad", "Nothing has been collected yet.");
  if (content.missing) {
    banners +=
        Banner("bad", "There is no such tenant and project: " + NameOf(*content.missing) + ".");
  }
  if (content.target == nullptr) return banners;
  banners += OfSources(*content.target);
  if (!content.target->recommendations)
    return banners + Banner("warn", "Nothing has been evaluated yet.");
  if (content.target->recommendations->dry_run) {
    banners += Banner(
        "warn", "Dry run: autoscalers are given no recommendation; this is what it would be.");
  }
  for (const std::string& warning : content.target->recommendations->warnings) {
    banners += Banner("warn", warning + ".");
  }
  for (const Service service : kServices) {
    banners += OfRecommendation(content.target->recommendations->services[service].recommendation);
  }
  return banners;
}

}  // namespace chatscale
