#include "tests/house/metrics_page.h"

#include <string_view>
#include <vector>

#include "exporter/app/settings.h"
#include "exporter/metrics/catalogue.h"
#include "exporter/metrics/naming.h"

namespace chatscale {
namespace {

const char* UnitName(Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return "seconds";
    case Unit::kRatio:
      return "ratio";
    case Unit::kBytes:
      return "bytes";
    case Unit::kNone:
      return "";
  }
  return "";
}

// A vertical bar would end the cell.
std::string Cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string LabelsOf(const MetricRow& row) {
  std::vector<std::string_view> labels = row.labels;
  if (row.type == MetricType::Histogram) labels.push_back("le");
  std::string text;
  for (const std::string_view label : labels) {
    text += (text.empty() ? "`" : ", `") + std::string(label) + "`";
  }
  return text;
}

std::string CodeOrNothing(std::string_view text) {
  return text.empty() ? "" : "`" + std::string(text) + "`";
}

std::string UpstreamNames(const MetricRow& row) {
  std::string names;
  for (const UpstreamScalar& scalar : row.upstream) {
    names += (names.empty() ? "" : ", ") + CodeOrNothing(scalar.key);
  }
  return names;
}

}  // namespace

std::string MetricsPage() {
  std::string page =
      "# Metrics\n\n"
      "Written by `./dev docs` from the table in `exporter/metrics/catalogue*.cc`.\n\n"
      "The dotted name of a family has dots for its underscores (`chat.proc.queue.total`); "
      "CloudWatch gets it with slashes. Families in bold are the contract: exposed whenever they "
      "are "
      "known, never dropped by a limit. Families about a target carry `tenant` and `project` when "
      "those are known. A value that is not known is absent.\n\n"
      "| family | kind | unit | labels | meaning and source | upstream keys |\n"
      "|---|---|---|---|---|---|\n";
  for (const MetricRow& row : Catalogue()) {
    const std::string name = "`" + PrometheusName(row.name) + "`";
    page += "| " + (row.contract ? "**" + name + "**" : name);
    page += " | " + std::string(TypeName(row.type)) + " | ";
    page += UnitName(row.unit);
    page += " | " + LabelsOf(row) + " | " + Cell(row.help) + " | " + UpstreamNames(row) + " |\n";
  }
  page +=
      "\n## Upstream keys\n\n"
      "The scalars of the upstream's metrics service under its own names and units, as "
      "`chatscale snapshot --format keys` prints them and `METRICS_NAMING=kdcube` publishes them. "
      "`METRICS_MAPPING_JSON` takes these keys, and any other of the table above.\n\n"
      "| key | CloudWatch unit |\n|---|---|\n";
  for (const UpstreamKey& key : UpstreamKeys()) {
    page += "| `" + std::string(key.key()) + "` | " + std::string(key.cloudwatch_unit()) + " |\n";
  }
  return page;
}

std::string SettingsTable() {
  std::string table = "| variable | flag | default | allowed | meaning |\n|---|---|---|---|---|\n";
  for (const Setting& setting : Settings()) {
    table += "| " + CodeOrNothing(setting.env) + " | " +
             (setting.secret ? "none: secret" : CodeOrNothing(setting.flag)) + " | " +
             CodeOrNothing(setting.value.default_text) + " | " + Cell(setting.value.allowed) +
             " | " + Cell(setting.help) + " |\n";
  }
  return table;
}

}  // namespace chatscale
