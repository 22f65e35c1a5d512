// Recordings of the real upstream system: a document and the scalars the upstream made of it.
#pragma once

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "exporter/model/snapshot.h"

namespace chatscale {

struct Scenario {
  const char* name;
  const char* document;
  const char* extract;
  // The processor's capacity as it should be, and why the upstream's differs; 0 when it agrees.
  double capacity;
  const char* defect;
};

void PrintTo(const Scenario& scenario, std::ostream* out);
const std::vector<Scenario>& Scenarios();

// The bytes of the scenario's document.
std::string DocumentOf(const Scenario& scenario);

// What the upstream exported, by its key, with the listed corrections.
std::map<std::string, double> ExpectedScalars(const Scenario& scenario);

// `snapshot` gives the recorded scalars, the listed corrections of defects apart, and no others.
void ExpectRecordedScalars(const Scenario& scenario, const Snapshot& snapshot);

}  // namespace chatscale
