// A text that is kept for long and read seldom: deflated.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chatscale {

class PackedText {
 public:
  explicit PackedText(std::string_view text);

  std::string Text() const;

 private:
  std::size_t size_;  // of the text
  std::string packed_;
};

}  // namespace chatscale
