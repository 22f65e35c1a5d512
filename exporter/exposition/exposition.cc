#include "exporter/exposition/exposition.h"

#include <utility>

#include "exporter/exposition/gzip.h"
#include "exporter/exposition/text_format.h"

namespace chatscale {
namespace {

constexpr absl::Duration kLiveFor = absl::Seconds(1);

void AppendRows(const View& view, const SampleOptions& options, Rows rows, std::string& out) {
  EachFamily(view, options, rows, [&](const SampleFamily& family) { AppendText(family, out); });
}

}  // namespace

CollectedText RenderCollected(const View& view, const SampleOptions& options) {
  CollectedText collected;
  collected.dropped = EachFamily(view, options, Rows::kCollected, [&](const SampleFamily& family) {
    AppendText(family, collected.text);
  });
  return collected;
}

Exposition::Exposition(const View& view) : clock_(nullptr) {
  std::string text;
  AppendRows(view, {}, Rows::kAll, text);
  text_ = std::make_shared<const std::string>(std::move(text));
}

Exposition::Exposition(std::string collected, LiveView live, SampleOptions options,
                       const Clock* clock)
    : settled_(std::move(collected)),
      live_(std::move(live)),
      options_(std::move(options)),
      clock_(clock) {}

bool Exposition::Fresh() const {
  return text_ && (clock_ == nullptr || IsYoung(written_at_, clock_->Now(), kLiveFor));
}

Exposition::Text Exposition::text_at_hand() const {
  const std::lock_guard lock(mutex_);
  return Fresh() ? text_ : nullptr;
}

Exposition::Text Exposition::gzip_at_hand() const {
  const std::lock_guard lock(mutex_);
  return Fresh() ? gzip_ : nullptr;
}

Exposition::Text Exposition::Write() const {
  if (Text text = text_at_hand()) return text;
  const absl::Time now = clock_->Now();
  std::string rows;
  AppendRows(live_(now), options_, Rows::kLive, rows);
  std::string text;
  text.reserve(settled_.size() + rows.size());
  auto written = std::make_shared<const std::string>(text.append(settled_).append(rows));
  const std::lock_guard lock(mutex_);
  text_ = written;
  gzip_ = nullptr;
  written_at_ = now;
  return written;
}

Exposition::Text Exposition::text() const {
  if (Text text = text_at_hand()) return text;
  const std::lock_guard lock(writing_);
  return Write();
}

Exposition::Text Exposition::gzip() const {
  if (Text gzip = gzip_at_hand()) return gzip;
  const std::lock_guard lock(writing_);
  if (Text gzip = gzip_at_hand()) return gzip;
  auto gzip = std::make_shared<const std::string>(Gzip(*Write()));
  const std::lock_guard keep(mutex_);
  gzip_ = gzip;
  return gzip;
}

}  // namespace chatscale
