#include "absl/strings/str_cat.h"
#include "exporter/core/build_info.h"
#include "exporter/core/error_kind.h"
#include "exporter/web/page/html.h"
#include "exporter/web/page/sections.h"
#include "exporter/web/page/words.h"
#include "recommender/explain.h"

namespace chatscale {
namespace {

using recommender::PlainDuration;

std::string Age(absl::Time at, absl::Time now) {
  if (at == absl::InfinitePast()) return "never";
  return PlainDuration(std::max(absl::ZeroDuration(), now - at)) + " ago";
}

std::string Row(std::initializer_list<std::string> cells) {
  std::string row;
  for (const std::string& cell : cells) {
    row += row.empty() ? TextElement("th", "scope=\"row\"", cell) : TextElement("td", cell);
  }
  return Element("tr", "", row) + "\n";
}

std::string Sources(const PageContent& content) {
  std::string rows;
  for (const SourceHealth& source : content.target->sources) {
    rows += Row({source.source, source.up ? "up" : "down", Age(source.last_success, content.now),
                 PlainDuration(source.duration), std::to_string(source.malformed_fields),
                 source.error});
  }
  return Table("Sources", "Sources",
               {"Source", "State", "Read", "Took", "Malformed fields", "Error"}, rows);
}

std::string Sinks(const PageContent& content) {
  std::string rows;
  for (const SinkStats& sink : content.sinks) {
    rows += Row({sink.sink, sink.up ? (*sink.up ? "up" : "down") : "not yet used",
                 Age(sink.last_success, content.now), std::to_string(sink.delivered),
                 std::to_string(sink.failed), std::to_string(sink.skipped)});
  }
  return Table("Sinks", "Sinks", {"Sink", "State", "Delivered", "Deliveries", "Failed", "Skipped"},
               rows);
}

std::string Errors(const PageContent& content) {
  std::string rows;
  for (const auto& [key, count] : content.errors) {
    rows += Row({key.first, std::string(ErrorKindName(key.second)), std::to_string(count)});
  }
  return rows.empty()
             ? TextElement("p", "No errors within the last hour.")
             : Table("Errors", "Errors of the last hour", {"Source", "Kind", "Count"}, rows);
}

std::string Configuration(const PageContent& content) {
  std::string given, defaults;
  for (const ShownSetting& setting : content.settings) {
    (setting.given ? given : defaults) += Row({setting.variable, setting.value});
  }
  return Element("details", "id=\"configuration\"",
                 TextElement("summary", "Configuration in effect") +
                     Table("Given settings", "Given", {"Variable", "Value"}, given) +
                     Table("Default settings", "Defaults", {"Variable", "Value"}, defaults));
}

std::string Links(const PageContent& content) {
  std::string items;
  const std::string query = EscapeHtml(QueryOf(content.target->target));
  const auto link = [&](const std::string& href, const char* text) {
    items += Element("li", "", Element("a", "href=\"" + href + "\"", EscapeHtml(text)));
  };
  link("/metrics", "Metrics");
  link("/api/v1/recommendations" + query, "Recommendations");
  link("/api/v1/decisions" + query, "Decisions");
  link("/api/v1/history" + query, "History");
  link("/metrics/combined" + query, "What was collected");
  link("/rules/alerts", "Alert rules of the policy");
  link("/docs/metrics", "What the metrics mean");
  link("/docs/runbooks", "Runbooks");
  link("/-/ready", "Ready");
  return Element("nav", "aria-label=\"Links\"", Element("ul", "class=\"links\"", items));
}

}  // namespace

std::string HealthSection(const PageContent& content) {
  const std::string version =
      absl::StrCat("Version ", kVersion, " (", kRevision, ", ", kCompiler, "), ", content.view.mode,
                   " mode. Policy ", absl::Hex(content.reload.policy_hash, absl::kZeroPad16),
                   content.reload.successful ? "." : "; the last reload failed.");
  return Sources(content) + Sinks(content) + Errors(content) + TextElement("p", version) +
         Configuration(content) + Links(content);
}

}  // namespace chatscale
