// Recordings of the real upstream system, from tests/fixtures/scenarios.
#pragma once

#include <string>

namespace chatscale {

// The bytes of "steady/system.json" and the like; fails the test when there is no such file.
std::string ReadScenario(const std::string& path);

}  // namespace chatscale
