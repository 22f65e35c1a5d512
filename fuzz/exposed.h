// A snapshot as a scrape would get it.
#pragma once

#include "exporter/model/snapshot.h"

namespace chatscale::fuzz {

// The exposition of one target with this snapshot parses, and holds no number that cannot be.
void MustBeExposed(const Snapshot& snapshot);

}  // namespace chatscale::fuzz
