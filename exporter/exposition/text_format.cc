#include "exporter/exposition/text_format.h"

#include <string_view>

#include "exporter/core/number_text.h"

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

void AppendSample(const std::string& name, const Sample& sample, std::string& out) {
  out += name;
  out += sample.suffix;
  const char* separator = "{";
  for (const auto& [label, value] : sample.labels) {
    out += separator;
    out += label;
    out += "=\"";
    AppendEscaped(value, true, out);
    out += '"';
    separator = ",";
  }
  if (!sample.labels.empty()) out += '}';
  out += ' ';
  out += NumberText(sample.value);
  out += '\n';
}

}  // namespace

void AppendText(const SampleFamily& family, std::string& out) {
  const std::string& name = family.as->prometheus_name;
  out += "# HELP " + name + ' ';
  AppendEscaped(family.as->help, false, out);
  out += "\n# TYPE " + name;
  out += ' ';
  out += KindName(family.as->row->kind);
  out += '\n';
  for (const Sample& sample : family.samples) AppendSample(name, sample, out);
}

}  // namespace chatscale
