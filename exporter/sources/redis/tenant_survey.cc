#include "exporter/sources/redis/tenant_survey.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "exporter/sources/redis/state/keys.h"

namespace chatscale::redis {
namespace {

constexpr double kEverySeconds = 600;
constexpr std::size_t kMostTenants = 10;  // named; others are only known to be there

}  // namespace

bool TenantSurvey::Due(double now) const {
  return completed_at_ == 0 || now - completed_at_ >= kEverySeconds;
}

void TenantSurvey::TakeStep(double now, ReplyStream& replies, ReplyFaults& faults) {
  const int passes = scan_.passes();
  for (const std::string_view key : scan_.TakeStep(now, replies, faults)) {
    const auto owner = OwnerOf(key);
    if (!owner || key.find(":kdcube:heartbeat:process:") == std::string_view::npos) continue;
    std::string name = absl::StrCat(owner->tenant, "/", owner->project);
    if (walking_.contains(name) || walking_.size() <= kMostTenants) ++walking_[std::move(name)];
  }
  if (scan_.passes() == passes) return;
  found_ = std::exchange(walking_, {});
  completed_at_ = now;
}

std::string TenantSurvey::Found() const {
  std::string text;
  std::size_t named = 0;
  for (const auto& [name, processes] : found_) {
    if (named == kMostTenants) return absl::StrCat(text, " and others");
    absl::StrAppend(&text, named++ > 0 ? ", " : "", name, " (", processes,
                    processes == 1 ? " process)" : " processes)");
  }
  return text;
}

}  // namespace chatscale::redis
