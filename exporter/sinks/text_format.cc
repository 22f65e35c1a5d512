#include "exporter/sinks/text_format.h"

#include <string_view>

#include "exporter/core/number_text.h"

namespace chatscale {
namespace {

void AppendEscaped(std::string_view text, bool quote, std::string& out) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quote) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

void AppendSample(const std::string& name, const prometheus::ClientMetric& metric, double value,
                  std::string& out) {
  out += name;
  const char* separator = "{";
  for (const auto& label : metric.label) {
    out += separator;
    out += label.name;
    out += "=\"";
    AppendEscaped(label.value, true, out);
    out += '"';
    separator = ",";
  }
  if (!metric.label.empty()) out += '}';
  out += ' ';
  out += NumberText(value);
  out += '\n';
}

}  // namespace

std::string WriteText(const std::vector<prometheus::MetricFamily>& families) {
  std::string out;
  for (const auto& family : families) {
    const bool counter = family.type == prometheus::MetricType::Counter;
    out += "# HELP " + family.name + ' ';
    AppendEscaped(family.help, false, out);
    out += "\n# TYPE " + family.name + (counter ? " counter\n" : " gauge\n");
    for (const auto& metric : family.metric) {
      AppendSample(family.name, metric, counter ? metric.counter.value : metric.gauge.value, out);
    }
  }
  return out;
}

}  // namespace chatscale
