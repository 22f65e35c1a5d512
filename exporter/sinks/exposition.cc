#include "exporter/sinks/exposition.h"

#include "exporter/sinks/gzip.h"
#include "exporter/sinks/scrape_collectable.h"
#include "exporter/sinks/text_format.h"

namespace chatscale {

SettledText Settle(const View& view, const SampleLimits& limits) {
  const Samples samples = SamplesOf(view, limits, Rows::kSettled);
  return {WriteText(FamiliesOf(samples)), samples.dropped};
}

Exposition::Exposition(const View& view)
    : text_(std::make_shared<const std::string>(WriteText(FamiliesOf(SamplesOf(view))))) {}

Exposition::Exposition(const SettledText& settled, const View& live, const SampleLimits& limits)
    : text_(std::make_shared<const std::string>(
          settled.text + WriteText(FamiliesOf(SamplesOf(live, limits, Rows::kLive))))) {}

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
