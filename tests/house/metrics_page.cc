#include "tests/house/metrics_page.h"

#include <map>
#include <set>
#include <string_view>

#include "exporter/app/settings.h"
#include "exporter/metrics/catalogue.h"
#include "exporter/metrics/naming.h"
#include "tests/support/samples.h"

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

std::map<std::string, std::string> LabelsByName(const View& observed) {
  std::map<std::string, std::set<std::string>> seen;
  for (const PublishedFamily& family : SamplesOf(observed).families) {
    for (const ClientMetric& metric : family.data.metric) {
      for (const auto& [name, value] : metric.label) {
        if (name != "tenant" && name != "project") {
          seen[std::string(family.as->row->name)].insert("`" + name + "`");
        }
      }
    }
  }
  for (const MetricRow& row : Catalogue()) {
    for (const std::string_view label : row.labels) {
      seen[std::string(row.name)].insert("`" + std::string(label) + "`");
    }
    if (row.type == MetricType::Histogram) seen[std::string(row.name)].insert("`le`");
  }
  std::map<std::string, std::string> texts;
  for (const auto& [name, labels] : seen) {
    for (const std::string& label : labels) {
      texts[name] += (texts[name].empty() ? "" : ", ") + label;
    }
  }
  return texts;
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

std::string MetricsPage(const View& observed) {
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
  const auto labels = LabelsByName(observed);
  for (const MetricRow& row : Catalogue()) {
    const std::string name = "`" + PrometheusName(row.name) + "`";
    const auto found = labels.find(std::string(row.name));
    page += "| " + (row.contract ? "**" + name + "**" : name);
    page += " | " + std::string(TypeName(row.type)) + " | ";
    page += UnitName(row.unit);
    page += " | " + (found == labels.end() ? "" : found->second) + " | " + Cell(row.help) + " | " +
            UpstreamNames(row) + " |\n";
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
