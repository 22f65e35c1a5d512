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

std::string AllRows(const View& view) {
  std::string text;
  AppendRows(view, {}, Rows::kAll, text);
  return text;
}

std::string Joined(std::string_view settled, std::string_view live) {
  std::string text;
  text.reserve(settled.size() + live.size());
  return text.append(settled).append(live);
}

std::string Compressed(std::string_view settled, std::string_view live) {
  return Gzip({settled, live});
}

}  // namespace

CollectedText RenderCollected(const View& view, const SampleOptions& options) {
  // More than most have, so that the text is not moved while it grows; what is not used costs
  // nothing.
  constexpr std::size_t kBytesPerTarget = 60'000;
  CollectedText collected;
  collected.text.reserve(kBytesPerTarget * view.targets.size());
  collected.dropped = EachFamily(view, options, Rows::kCollected, [&](const SampleFamily& family) {
    AppendText(family, collected.text);
  });
  return collected;
}

Exposition::Exposition(const View& view)
    : clock_(nullptr),
      live_rows_(std::make_shared<const std::string>(AllRows(view))),
      text_(live_rows_) {}

Exposition::Exposition(std::string collected, LiveView live, SampleOptions options,
                       const Clock* clock)
    : settled_(std::move(collected)),
      live_(std::move(live)),
      options_(std::move(options)),
      clock_(clock) {}

bool Exposition::Fresh() const {
  return live_rows_ && (clock_ == nullptr || IsYoung(written_at_, clock_->Now(), kLiveFor));
}

Exposition::Text Exposition::Cached(const Text& made) const {
  const std::lock_guard lock(mutex_);
  return Fresh() ? made : nullptr;
}

Exposition::Text Exposition::LiveRows() const {
  if (Text rows = Cached(live_rows_)) return rows;
  const absl::Time now = clock_->Now();
  std::string rows;
  AppendRows(live_(now), options_, Rows::kLive, rows);
  auto written = std::make_shared<const std::string>(std::move(rows));
  const std::lock_guard lock(mutex_);
  live_rows_ = written;
  text_ = nullptr;
  gzip_ = nullptr;
  written_at_ = now;
  return written;
}

Exposition::Text Exposition::Get(Text& made, Make make) const {
  if (Text text = Cached(made)) return text;
  const std::lock_guard lock(writing_);
  const Text live = LiveRows();
  if (Text text = Cached(made)) return text;
  auto text = std::make_shared<const std::string>(make(settled_, *live));
  const std::lock_guard keep(mutex_);
  made = text;
  return text;
}

Exposition::Text Exposition::text() const { return Get(text_, Joined); }
Exposition::Text Exposition::gzip() const { return Get(gzip_, Compressed); }

}  // namespace chatscale
