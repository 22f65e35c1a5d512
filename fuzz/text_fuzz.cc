#include <bit>
#include <cmath>

#include "exporter/exposition/text_format.h"
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
  const MetricRow row{.name = "chat.fuzz", .help = help};
  const PublishedRow as = UnderItsOwnName(row);
  SampleFamily family{&as, {}};
  while (!bytes.empty() && family.samples.size() < 50) {
    const std::string number = std::to_string(family.samples.size());
    const std::string value = LabelValue(bytes.Text(), 1 + bytes.Byte());
    family.samples.push_back({{{"n", number}, {"l", value}}, bytes.Number()});
  }
  std::string text;
  AppendText(family, text);
  const fuzz::ParsedText parsed = fuzz::ParseText(text);
  if (!parsed.fault.empty()) std::fprintf(stderr, "%s\n", parsed.fault.c_str());
  MUST(parsed.fault.empty());
  MUST(parsed.samples.size() == family.samples.size());
  for (std::size_t i = 0; i < parsed.samples.size(); ++i) {
    const Sample& written = family.samples[i];
    const fuzz::ParsedSample& read = parsed.samples[i];
    MUST(read.labels.at("l") == written.labels[1].second);
    MUST(SameNumber(read.value, written.value));
  }
  return 0;
}
