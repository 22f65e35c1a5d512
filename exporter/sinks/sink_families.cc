#include "exporter/sinks/sink_families.h"

#include <algorithm>
#include <optional>

#include "exporter/metrics/families.h"
#include "exporter/metrics/text_format.h"

namespace chatscale {

std::string ChatFamilies(const Publication& publication) {
  std::string text;
  const View& view = *publication.view;
  EachFamily(view, view.built_at, publication.options, Rows::kAll,
             [&](const PublishedFamily& family) {
               if (family.as->row->name.starts_with("chat.")) {
                 TextSerializer::Append(family.data, text);
               }
             });
  return text;
}

namespace {

std::optional<absl::Time> TimeOf(const MetricRow& row, const TargetView& target, bool demo) {
  if (!row.IsObserved() || demo) return target.built_at;
  if (row.name.starts_with("chat.ingress.")) return target.at.ingress;
  if (row.name.starts_with("chat.proc.")) return target.at.proc;
  return std::max(target.at.ingress, target.at.proc);  // of the system as a whole; nullopt is less
}

}  // namespace

void EachTimedFamily(const Publication& publication, const TargetView& target,
                     const std::function<void(const PublishedFamily&, absl::Time)>& take) {
  View one;
  one.mode = publication.view->mode;
  one.built_at = publication.view->built_at;
  one.targets = {target};
  const bool demo = one.mode == "demo";
  FamilyOptions options = publication.options;
  options.self = nullptr;
  EachFamily(one, one.built_at, options, Rows::kAll, [&](const PublishedFamily& family) {
    if (const auto at = TimeOf(*family.as->row, target, demo)) take(family, *at);
  });
}

}  // namespace chatscale
