#include "absl/strings/str_cat.h"
#include "exporter/metrics/self_metrics.h"
#include "exporter/model/build_info.h"
#include "exporter/model/error_kind.h"
#include "exporter/model/text.h"
#include "exporter/web/page/html.h"
#include "exporter/web/page/sections.h"
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

std::vector<std::string> SinkNames(const PageContent& content) {
  std::vector<std::string> names;
  const std::string counted = PrometheusName("chat.exporter.sink_retries_total");
  for (const prometheus::MetricFamily& family : content.self) {
    if (family.name != counted) continue;
    for (const ClientMetric& metric : family.metric) names.push_back(metric.label.front().value);
  }
  return names;
}

std::string Sinks(const PageContent& content) {
  std::string rows;
  for (const std::string& sink : SinkNames(content)) {
    const auto value = [&](const char* name) {
      return ValueIn(content.self, name, {{"sink", sink}});
    };
    const auto deliveries = [&](const char* result) {
      return NumberText(ValueIn(content.self, "chat.exporter.sink_deliveries_total",
                                {{"sink", sink}, {"result", result}})
                            .value_or(0));
    };
    const MaybeNumber up = value("chat.exporter.sink_up");
    const MaybeNumber success = value("chat.exporter.sink_last_success_timestamp_seconds");
    rows += Row({sink, up ? (*up == 1 ? "up" : "down") : "not yet used",
                 Age(success ? absl::UnixEpoch() + absl::Seconds(*success) : absl::InfinitePast(),
                     content.now),
                 deliveries("delivered"), deliveries("failed"), deliveries("skipped")});
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
  const auto hash =
      static_cast<std::uint32_t>(ValueIn(content.self, "chat.exporter.config_hash").value_or(0));
  const bool reloaded = ValueIn(content.self, "chat.exporter.config_last_reload_successful") != 0.0;
  const std::string version =
      absl::StrCat("Version ", kVersion, " (", kRevision, ", ", kCompiler, "), ", content.view.mode,
                   " mode. Policy ", absl::Hex(hash, absl::kZeroPad8),
                   reloaded ? "." : "; the last reload failed.");
  return Sources(content) + Sinks(content) + Errors(content) + TextElement("p", version) +
         Configuration(content) + Links(content);
}

}  // namespace chatscale
