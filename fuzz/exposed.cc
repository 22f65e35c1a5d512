#include "fuzz/exposed.h"

#include <cmath>

#include "exporter/metrics/exposition.h"
#include "exporter/model/view.h"
#include "fuzz/must.h"
#include "fuzz/text_parser.h"

namespace chatscale::fuzz {

void MustBeExposed(const Snapshot& snapshot) {
  View view;
  view.mode = "redis";
  view.built_at = absl::FromUnixSeconds(1'790'000'000);
  TargetView& target = view.targets.emplace_back();
  target.target = {"tenant", "project"};
  target.built_at = view.built_at;
  target.snapshot = snapshot;
  const ParsedText parsed = ParseText(RenderRows(view, view.built_at, {}, Rows::kAll).text);
  if (!parsed.fault.empty()) std::fprintf(stderr, "%s\n", parsed.fault.c_str());
  MUST(parsed.fault.empty());
  for (const ParsedSample& sample : parsed.samples) MUST(std::isfinite(sample.value));
}

}  // namespace chatscale::fuzz
