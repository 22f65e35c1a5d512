#pragma once

#include <string_view>

namespace chatscale {

// All of it. The errno of the write that failed, 0 when none did.
int WriteWhole(int fd, std::string_view text);

}  // namespace chatscale
