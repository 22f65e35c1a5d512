#include <bit>
#include <cmath>

#include "exporter/metrics/families.h"
#include "exporter/metrics/text_format.h"
#include "fuzz/bytes.h"
#include "fuzz/must.h"
#include "fuzz/text_parser.h"

namespace chatscale {
namespace {

bool SameNumber(double one, double other) {
  return (std::isnan(one) && std::isnan(other)) || one == other;
}

}  // namespace
}  // namespace chatscale

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chatscale;
  fuzz::Bytes bytes(data, size);
  const std::string help = LabelValue(bytes.Text(), 200);
  prometheus::MetricFamily family{"chat_fuzz", help, MetricType::Gauge, {}};
  while (!bytes.empty() && family.metric.size() < 50) {
    const std::string number = std::to_string(family.metric.size());
    const std::string value = LabelValue(bytes.Text(), 1 + bytes.Byte());
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = {{"n", number}, {"l", value}};
    metric.gauge.value = bytes.Number();
  }
  const std::string text = TextSerializer().Serialize({family});
  const fuzz::ParsedText parsed = fuzz::ParseText(text);
  if (!parsed.fault.empty()) std::fprintf(stderr, "%s\n", parsed.fault.c_str());
  MUST(parsed.fault.empty());
  MUST(parsed.samples.size() == family.metric.size());
  for (std::size_t i = 0; i < parsed.samples.size(); ++i) {
    const ClientMetric& written = family.metric[i];
    const fuzz::ParsedSample& read = parsed.samples[i];
    MUST(read.labels.at("l") == written.label[1].value);
    MUST(SameNumber(read.value, written.gauge.value));
  }
  return 0;
}
