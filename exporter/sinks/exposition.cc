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
  std::call_once(compressed_, [this] {
    auto made = std::make_shared<const std::string>(Gzip(*text_));
    const std::lock_guard lock(mutex_);
    gzip_ = std::move(made);
  });
  return gzip_at_hand();
}

std::shared_ptr<const std::string> Exposition::gzip_at_hand() const {
  const std::lock_guard lock(mutex_);
  return gzip_;
}

}  // namespace chatscale
