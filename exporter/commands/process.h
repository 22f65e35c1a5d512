// What a daemon asks of the operating system.
#pragma once

#include <string>

namespace chatscale {

// Blocks SIGTERM, SIGINT in this thread and those it starts, for WaitForSignal; ignores SIGPIPE.
void BlockSignals();

// Waits for one of them; its name.
std::string WaitForSignal();

// As many open files as the system allows: every client is one.
void RaiseDescriptorLimit();

}  // namespace chatscale
