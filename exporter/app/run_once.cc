#include "exporter/app/run_once.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "exporter/app/make_parts.h"
#include "exporter/app/process.h"
#include "exporter/app/sinks.h"
#include "exporter/log/log.h"
#include "exporter/loop/poll_loop.h"

namespace chatscale {
namespace {

bool Collected(const View& view) {
  return std::ranges::any_of(view.targets,
                             [](const TargetView& target) { return target.snapshot.has_value(); });
}

bool Delivered(const std::vector<SinkOutcome>& outcomes) {
  for (const SinkOutcome& outcome : outcomes) {
    if (outcome.status.ok()) Log(LogLevel::kInfo, "exported", {{"sink", outcome.sink}});
  }
  return std::ranges::all_of(outcomes, [](const auto& outcome) { return outcome.status.ok(); });
}

}  // namespace

int RunOnce(const Config& config, PolicySet policies) {
  auto made = MakeSource(config);
  if (!made.ok()) {
    Log(LogLevel::kError, std::string(made.status().message()));
    return kUsage;
  }
  DecisionLog decisions({.file = config.decisions_file});
  const std::unique_ptr<Advisor> advisor = MakeAdvisor(config, std::move(policies), &decisions);
  const auto self = std::make_shared<SelfMetrics>();
  Sinks sinks(config, self);
  PollLoop loop({.mode = ModeName(config.mode),
                 .timeout = config.request_timeout,
                 .max_age = absl::InfiniteDuration(),
                 .naming = *Naming::Of(config.naming, config.mapping),  // checked before
                 .self = self,
                 .advisor = advisor.get()},
                made->source.get(), &SystemClock());
  loop.CollectOnce();
  const Publication publication = loop.Read(absl::InfiniteDuration(), absl::ZeroDuration());
  if (!Collected(*publication.view)) {
    Log(LogLevel::kError, "nothing was collected, nothing is exported");
    return kUsage;
  }
  for (const TargetView& target : publication.view->targets) {
    if (!target.advice) continue;
    for (const std::string& sentence : WithoutRecommendation(*target.advice)) {
      Log(LogLevel::kWarning, "no recommendation is exported",
          {{"tenant", target.target.tenant},
           {"project", target.target.project},
           {"reason", sentence}});
    }
  }
  // Every try there may be, and the one under way.
  const absl::Duration patience = config.exports.interval + sinks.longest_try();
  const bool delivered = Delivered(sinks.Export(publication, patience));
  const bool written = SaveAtTheEnd(*advisor);
  const int code = delivered ? EXIT_SUCCESS : kFailed;
  // What hangs holds nothing of ours.
  if (made->source->Busy() || !written || !sinks.Stop(absl::Seconds(1))) ExitAtOnce(code);
  return code;
}

}  // namespace chatscale
