// Exposition: one View as the text that a scrape gets. Thread-safe.
//
// Collected rows are rendered once. Ages and chatscale's own metrics change between collections:
// they are rendered on request, at most once a second, and appended. Plain and gzip text are each
// built on the first request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "exporter/metrics/families.h"
#include "exporter/model/clock.h"
#include "exporter/model/view.h"

namespace chatscale {

// The concatenated parts as one gzip member (RFC 1952), at a low level: a scrape is read once.
std::string Gzip(std::initializer_list<std::string_view> parts);

inline std::string Gzip(std::string_view text) { return Gzip({text}); }

struct RenderedRows {
  std::string text;
  std::map<std::string, std::uint64_t> dropped;  // omitted series, by reason
};
RenderedRows RenderRows(const View& view, absl::Time now, const FamilyOptions& options, Rows rows);

class Exposition {
 public:
  using Text = std::shared_ptr<const std::string>;

  // `settled`: rendered rows that do not change. `clock` must outlive this.
  Exposition(std::string settled, std::shared_ptr<const View> view, FamilyOptions options,
             const Clock* clock);

  Text text() const;
  Text gzip() const;

 private:
  using Make = std::string (*)(std::string_view settled, std::string_view live);
  Text Get(Text& made, Make make) const;
  Text Cached(const Text& made) const;  // null: none, or too old
  Text LiveRows() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);

  const std::string settled_;
  const std::shared_ptr<const View> view_;
  const FamilyOptions options_;
  const Clock* const clock_;

  mutable std::mutex writing_;  // held while a text is built; concurrent requests wait for it
  mutable std::mutex mutex_;
  mutable Text live_rows_ ABSL_GUARDED_BY(mutex_);
  mutable Text text_ ABSL_GUARDED_BY(mutex_);  // settled and live rows; null until requested
  mutable Text gzip_ ABSL_GUARDED_BY(mutex_);  // the same
  mutable absl::Time written_at_ ABSL_GUARDED_BY(mutex_);
};

// Publication: result of one collection cycle; all parts describe the same instant. Immutable,
// except for texts that are rendered on request.

struct RenderedText {
  int status = 200;  // HTTP
  std::shared_ptr<const std::string> text;
};

// Cache of texts rendered from one publication, shared by all requests. Thread-safe.
class Rendered {
 public:
  // `make` runs on the first call for `key`; concurrent calls for the same key wait. Beyond
  // `kMostBytes` in total, texts are rendered for each call.
  RenderedText Get(const std::string& key, const std::function<RenderedText()>& make);

 private:
  static constexpr std::size_t kMostBytes = 32UL << 20;

  struct Entry {
    std::once_flag made;
    RenderedText text;
  };
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;
  std::size_t bytes_ = 0;
};

struct Publication {
  std::shared_ptr<const View> view;
  FamilyOptions options;
  std::shared_ptr<const Exposition> exposition;
  std::shared_ptr<Rendered> documents = std::make_shared<Rendered>();
};

}  // namespace chatscale
