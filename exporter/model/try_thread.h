// A thread, where the system gives one: std::thread throws where it does not, as under the limit on
// processes of a container, and the program must go on.
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
