#include "exporter/metrics/exposition.h"

#include <zlib.h>

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

#include "exporter/metrics/text_format.h"

namespace chatscale {

namespace {

// Compresses all pending input of `stream` into `out`.
void Deflate(z_stream& stream, int flush, std::string& out) {
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + stream.total_out);
    stream.avail_out = static_cast<uInt>(out.size() - stream.total_out);
    [[maybe_unused]] const int state = deflate(&stream, flush);
    assert(state == Z_OK || state == Z_STREAM_END || state == Z_BUF_ERROR);
    if (stream.avail_out > 0) return;
    out.resize(2 * out.size());
  }
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

std::string Gzip(std::initializer_list<std::string_view> parts) {
  constexpr int kLevel = 3;
  constexpr int kGzipWindow = 15 + 16;  // zlib: + 16 selects the gzip header
  constexpr int kMemory = 8;
  constexpr std::size_t kUsualRatio = 5;  // compression ratio of an exposition
  constexpr std::size_t kLeast = 256;
  z_stream stream{};
  [[maybe_unused]] const int started =
      deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY);
  assert(started == Z_OK);
  std::size_t bytes = 0;
  for (const std::string_view part : parts) bytes += part.size();
  std::string out(kLeast + bytes / kUsualRatio, '\0');
  for (const std::string_view part : parts) {
    // zlib's interface predates const; it does not write to the input.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    stream.avail_in = static_cast<uInt>(part.size());
    Deflate(stream, Z_NO_FLUSH, out);
  }
  Deflate(stream, Z_FINISH, out);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

RenderedRows RenderRows(const View& view, absl::Time now, const FamilyOptions& options, Rows rows) {
  // A high estimate, so that the text does not move while it grows; unused memory costs nothing.
  constexpr std::size_t kBytesPerTarget = 60'000;
  RenderedRows rendered;
  rendered.text.reserve(kBytesPerTarget * view.targets.size());
  rendered.dropped = EachFamily(view, now, options, rows, [&](const PublishedFamily& family) {
    TextSerializer::Append(family.data, rendered.text);
  });
  return rendered;
}

Exposition::Exposition(std::string settled, std::shared_ptr<const View> view, FamilyOptions options,
                       const Clock* clock)
    : settled_(std::move(settled)),
      view_(std::move(view)),
      options_(std::move(options)),
      clock_(clock) {}

Exposition::Text Exposition::Cached(const Text& made) const {
  constexpr absl::Duration kLiveFor = absl::Seconds(1);
  const std::lock_guard lock(mutex_);
  return live_rows_ && IsYoung(written_at_, clock_->Now(), kLiveFor) ? made : nullptr;
}

Exposition::Text Exposition::LiveRows() const {
  if (Text rows = Cached(live_rows_)) return rows;
  const absl::Time now = clock_->Now();
  std::vector<prometheus::MetricFamily> families;
  EachFamily(*view_, now, options_, Rows::kLive,
             [&](const PublishedFamily& family) { families.push_back(family.data); });
  auto written = std::make_shared<const std::string>(TextSerializer().Serialize(families));
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

RenderedText Rendered::Get(const std::string& key, const std::function<RenderedText()>& make) {
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    if (bytes_ >= kMostBytes && entries_.count(key) == 0) {
      entry = std::make_shared<Entry>();
    } else {
      std::shared_ptr<Entry>& kept = entries_[key];
      if (!kept) kept = std::make_shared<Entry>();
      entry = kept;
    }
  }
  std::call_once(entry->made, [&] {
    entry->text = make();
    const std::lock_guard lock(mutex_);
    if (entry->text.text) bytes_ += entry->text.text->size();
  });
  return entry->text;
}

}  // namespace chatscale
