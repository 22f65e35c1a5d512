// A batch of commands, already in the bytes that Redis wants. Any byte may occur in an argument.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace chatscale::redis {

class Pipeline {
 public:
  void Add(std::initializer_list<std::string_view> arguments) {
    Add(std::span<const std::string_view>(arguments.begin(), arguments.size()));
  }
  void Add(std::span<const std::string_view> arguments);

  std::size_t size() const { return size_; }  // commands
  bool empty() const { return size_ == 0; }
  // Longer strings in the replies arrive as an error reply; 0: the connection's own bound.
  std::size_t max_bulk_bytes = 0;
  std::size_t max_run_bytes = 0;  // likewise, of all replies together
  std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::size_t size_ = 0;
};

}  // namespace chatscale::redis
