#include "exporter/metrics/text_format.h"

#include <ostream>
#include <string_view>

#include "exporter/metrics/catalogue.h"
#include "exporter/model/text.h"

namespace chatscale {
namespace {

void AppendEscaped(std::string_view text, bool quote, std::string& out) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '\\' && c != '\n' && (c != '"' || !quote)) continue;
    out.append(text, done, i - done);
    out += '\\';
    out += c == '\n' ? 'n' : c;
    done = i + 1;
  }
  out.append(text, done);
}

void AppendLabel(std::string_view name, std::string_view value, char separator, std::string& out) {
  out += separator;
  out += name;
  out += "=\"";
  AppendEscaped(value, true, out);
  out += '"';
}

// `le`: the bucket's upper bound; empty: no bucket.
void AppendSeries(const std::string& name, std::string_view suffix, const Labels& labels,
                  std::string_view le, double value, std::string& out) {
  out += name;
  out += suffix;
  char separator = '{';
  for (const Label& label : labels) {
    AppendLabel(label.name, label.value, separator, out);
    separator = ',';
  }
  if (!le.empty()) AppendLabel("le", le, separator, out);
  if (!labels.empty() || !le.empty()) out += '}';
  out += ' ';
  out += NumberText(value);
  out += '\n';
}

void AppendHistogram(const std::string& name, const ClientMetric& metric, std::string& out) {
  const ClientMetric::Histogram& histogram = metric.histogram;
  for (const ClientMetric::Bucket& bucket : histogram.bucket) {
    AppendSeries(name, "_bucket", metric.label, NumberText(bucket.upper_bound),
                 static_cast<double>(bucket.cumulative_count), out);
  }
  AppendSeries(name, "_sum", metric.label, "", histogram.sample_sum, out);
  AppendSeries(name, "_count", metric.label, "", static_cast<double>(histogram.sample_count), out);
}

}  // namespace

void TextSerializer::Append(const prometheus::MetricFamily& family, std::string& out) {
  out += "# HELP " + family.name + ' ';
  AppendEscaped(family.help, false, out);
  out += "\n# TYPE " + family.name;
  out += ' ';
  out += TypeName(family.type);
  out += '\n';
  for (const ClientMetric& metric : family.metric) {
    if (family.type == MetricType::Histogram) {
      AppendHistogram(family.name, metric, out);
    } else {
      AppendSeries(family.name, "", metric.label, "", ValueOf(family.type, metric), out);
    }
  }
}

void TextSerializer::Serialize(std::ostream& out,
                               const std::vector<prometheus::MetricFamily>& families) const {
  std::string text;
  for (const prometheus::MetricFamily& family : families) Append(family, text);
  out << text;
}

}  // namespace chatscale
