#include "exporter/advisor/decisions/packed_text.h"

#include <zlib.h>

namespace chatscale {

PackedText::PackedText(std::string_view text) : size_(text.size()) {
  packed_.resize(compressBound(text.size()));
  uLongf packed = packed_.size();
  compress2(reinterpret_cast<Bytef*>(packed_.data()), &packed,
            reinterpret_cast<const Bytef*>(text.data()), text.size(), Z_BEST_SPEED);
  packed_.resize(packed);
  packed_.shrink_to_fit();
}

std::string PackedText::Text() const {
  std::string text(size_, '\0');
  uLongf size = text.size();
  uncompress(reinterpret_cast<Bytef*>(text.data()), &size,
             reinterpret_cast<const Bytef*>(packed_.data()), packed_.size());
  return text;
}

}  // namespace chatscale
