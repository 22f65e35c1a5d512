// Files that the code can write: committed, compared, and written anew by `./dev docs`.
#pragma once

#include <string>

namespace chatscale {

// The file at `path` holds `expected`. Under CHATSCALE_UPDATE_GOLDEN it is written first. Tests of
// this kind have "Golden" in their names.
void ExpectGolden(const std::string& path, const std::string& expected);

}  // namespace chatscale
