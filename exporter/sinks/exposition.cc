#include "exporter/sinks/exposition.h"

#include "exporter/sinks/gzip.h"
#include "exporter/sinks/text_format.h"

namespace chatscale {

SettledText Settle(const View& view, const SampleLimits& limits) {
  SettledText settled;
  settled.dropped = EachFamily(view, limits, Rows::kSettled, [&](const SampleFamily& family) {
    AppendText(family, settled.text);
  });
  return settled;
}

Exposition::Exposition(const View& view) {
  std::string text;
  EachFamily(view, {}, Rows::kAll, [&](const SampleFamily& family) { AppendText(family, text); });
  text_ = std::make_shared<const std::string>(std::move(text));
}

Exposition::Exposition(const SettledText& settled, const View& live, const SampleLimits& limits) {
  std::string rows;
  EachFamily(live, limits, Rows::kLive,
             [&](const SampleFamily& family) { AppendText(family, rows); });
  std::string text;
  text.reserve(settled.text.size() + rows.size());
  text_ = std::make_shared<const std::string>(text.append(settled.text).append(rows));
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
