#include "exporter/sinks/exposition.h"

#include "exporter/sinks/gzip.h"
#include "exporter/sinks/scrape_collectable.h"
#include "exporter/sinks/text_format.h"

namespace chatscale {

Exposition::Exposition(const View& view, const SampleLimits& limits) {
  const Samples samples = SamplesOf(view, limits);
  text_ = std::make_shared<const std::string>(WriteText(FamiliesOf(samples)));
  dropped_ = samples.dropped;
}

std::shared_ptr<const std::string> Exposition::gzip() const {
  std::call_once(compressed_,
                 [this] { gzip_ = std::make_shared<const std::string>(Gzip(*text_)); });
  return gzip_;
}

}  // namespace chatscale
