// The recommender's state of the last process.
#pragma once

#include <string>

#include "exporter/advisor/state/state_file.h"

namespace chatscale {

// Empty when there is none, or none that can be read: then with a warning in the log.
States TakeUpStates(const std::string& file);

}  // namespace chatscale
