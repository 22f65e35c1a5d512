#include "exporter/sinks/chat_families.h"

#include "exporter/core/samples.h"
#include "exporter/exposition/text_format.h"

namespace chatscale {

std::string ChatFamilies(const Publication& publication) {
  std::string text;
  EachFamily(*publication.view, publication.options, Rows::kAll, [&](const SampleFamily& family) {
    if (family.as->row->name.starts_with("chat.")) AppendText(family, text);
  });
  return text;
}

}  // namespace chatscale
