// One View in the form a scrape gets it. Thread-safe.
//
// What was collected is written once. Ages and what chatscale counts of itself go on while nothing
// is collected: they are written behind the rest when somebody asks, anew for each second. Plain
// and compressed text are each made for the first who asks.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "exporter/metrics/families.h"
#include "exporter/model/clock.h"

namespace chatscale {

// The parts, one behind the other, as one gzip member (RFC 1952), at a low level: a scrape is read
// once.
std::string Gzip(std::initializer_list<std::string_view> parts);

inline std::string Gzip(std::string_view text) { return Gzip({text}); }

struct RenderedRows {
  std::string text;
  std::map<std::string, std::uint64_t> dropped;  // series left out, by reason
};
RenderedRows RenderRows(const View& view, absl::Time now, const FamilyOptions& options, Rows rows);

class Exposition {
 public:
  using Text = std::shared_ptr<const std::string>;

  // `settled`: the rows of `view` that stay. `clock` must outlive this.
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

  mutable std::mutex writing_;  // held while a text is made: others wait for that one
  mutable std::mutex mutex_;
  mutable Text live_rows_ ABSL_GUARDED_BY(mutex_);
  mutable Text text_ ABSL_GUARDED_BY(mutex_);  // of settled and live rows; null until somebody asks
  mutable Text gzip_ ABSL_GUARDED_BY(mutex_);  // the same
  mutable absl::Time written_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chatscale
