// What is pushed as text: the families about the chat system, its advice and chatscale's own work,
// without those about the process, whose names belong to whoever is scraped in its place.
#pragma once

#include <string>

#include "exporter/metrics/publication.h"

namespace chatscale {

// Prometheus' text format.
std::string ChatFamilies(const Publication& publication);

}  // namespace chatscale
