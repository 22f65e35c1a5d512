// Demo mode.
#include "exporter/config/settings_subjects.h"

namespace chatscale {

std::vector<Setting> DemoSettings() {
  return {
      {"--demo.speed", "METRICS_DEMO_SPEED", Number({&Config::demo, &DemoConfig::speed}, 1, 1000),
       "Demo mode: simulated seconds per second; at 144 a day takes ten minutes"},
      {"--demo.seed", "METRICS_DEMO_SEED", WholeNumber({&Config::demo, &DemoConfig::seed}),
       "Demo mode: the same seed gives the same day"},
  };
}

}  // namespace chatscale
