#include <algorithm>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "exporter/web/page/html.h"
#include "exporter/web/page/sections.h"

namespace chatscale {
namespace {

using recommender::Recommendation;

constexpr std::size_t kMost = 50;

// Sort key: targets that need attention, then those about to change.
int Urgency(const TargetView& target) {
  if (!target.snapshot || !target.recommendations) return 3;
  int urgency = 0;
  for (const Service service : kServices) {
    const Recommendation& given = target.recommendations->services[service].recommendation;
    if (!given.valid() || !given.fresh || given.incident) urgency = std::max(urgency, 3);
    if (given.connection_shortfall > 0) urgency = std::max(urgency, 2);
    if (given.current != given.desired) urgency = std::max(urgency, 1);
  }
  return urgency;
}

std::string Replicas(const TargetView& target, Service service) {
  if (!target.recommendations) return "?";
  const Recommendation& given = target.recommendations->services[service].recommendation;
  return CountOf(given.current) + " → " + CountOf(given.desired);
}

const char* State(int urgency) {
  switch (urgency) {
    case 3:
      return "input is stale or missing";
    case 2:
      return "limited by connections";
    case 1:
      return "changes";
    default:
      return "steady";
  }
}

std::string Row(const TargetView& target, int urgency) {
  const std::string link = "href=\"/" + EscapeHtml(QueryOf(target.target)) + "\"";
  return Element(
             "tr", absl::StrCat("class=\"urgency", urgency, "\""),
             Element("th", "scope=\"row\"", Element("a", link, EscapeHtml(NameOf(target.target)))) +
                 TextElement("td", Replicas(target, Service::kIngress)) +
                 TextElement("td", Replicas(target, Service::kProc)) +
                 TextElement("td", State(urgency))) +
         "\n";
}

}  // namespace

std::string TargetsSection(const PageContent& content) {
  std::vector<std::pair<int, const TargetView*>> found;
  const std::string search = absl::AsciiStrToLower(content.search);
  for (const TargetView& target : content.view.targets) {
    if (absl::AsciiStrToLower(NameOf(target.target)).find(search) == std::string::npos) continue;
    found.emplace_back(Urgency(target), &target);
  }
  const auto before = [](const auto& a, const auto& b) {
    return std::tuple(-a.first, a.second->target) < std::tuple(-b.first, b.second->target);
  };
  const std::size_t shown = std::min(kMost, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(shown), found.end(),
                    before);
  std::string rows;
  for (std::size_t i = 0; i < shown; ++i) rows += Row(*found[i].second, found[i].first);
  if (rows.empty()) return TextElement("p", "No tenant has that name.");
  const std::string caption =
      shown < found.size() ? absl::StrCat(shown, " of ", found.size(), ", the most urgent first")
                           : absl::StrCat(found.size(), ", the most urgent first");
  return Table("Tenants", caption, {"Tenant", "ingress", "proc", "State"}, rows);
}

}  // namespace chatscale
