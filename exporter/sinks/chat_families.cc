#include "exporter/sinks/chat_families.h"

#include "exporter/metrics/families.h"
#include "exporter/metrics/text_format.h"

namespace chatscale {

std::string ChatFamilies(const Publication& publication) {
  std::string text;
  const View& view = *publication.view;
  EachFamily(view, view.built_at, publication.options, Rows::kAll,
             [&](const PublishedFamily& family) {
               if (family.as->row->name.starts_with("chat.")) {
                 TextSerializer::Append(family.data, text);
               }
             });
  return text;
}

}  // namespace chatscale
