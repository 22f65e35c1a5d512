#include "exporter/metrics/publication.h"

namespace chatscale {

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
