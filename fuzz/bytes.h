// A fuzzer's bytes, taken from the front.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace chatscale::fuzz {

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  std::string_view All() const { return rest_; }
  std::string_view Next(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::uint8_t Byte() {
    return rest_.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(Next(1)[0]);
  }
  // Length in one byte, then as many bytes.
  std::string_view Text() { return Next(Byte()); }
  double Number() {
    double number = 0;
    const std::string_view bytes = Next(sizeof number);
    std::memcpy(&number, bytes.data(), bytes.size());
    return number;
  }

 private:
  std::string_view rest_;
};

}  // namespace chatscale::fuzz
