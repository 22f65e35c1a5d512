// Thread creation without exceptions: nullopt where std::thread throws, as at a container's process
// limit, so that the program goes on. Alone, as threads are started in many places.
#pragma once

#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace chatscale {

template <typename Run>
std::optional<std::thread> TryThread(Run run) {
  try {
    return std::thread(std::move(run));
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

}  // namespace chatscale
