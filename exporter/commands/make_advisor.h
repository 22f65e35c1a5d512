// The recommender, with what it knew when the last process ended.
#pragma once

#include <memory>

#include "exporter/advisor/advisor.h"
#include "exporter/config/config.h"

namespace chatscale {

enum class StateFile { kKept, kOnlyRead };

// Starts afresh, with a warning in the log, where there is a state that cannot be read. `decisions`
// must outlive it.
std::unique_ptr<Advisor> MakeAdvisor(const Config& config, PolicySet policies,
                                     DecisionLog* decisions,
                                     StateFile state_file = StateFile::kKept);

// Saves the state and tells of it. False: the disk hangs, so that only ExitAtOnce ends the program.
bool SaveAtTheEnd(Advisor& advisor);

}  // namespace chatscale
