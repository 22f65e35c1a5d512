#include "recommender/startup.h"

#include <algorithm>
#include <array>

namespace chatscale::recommender {

namespace {

constexpr absl::Duration kLongest = absl::Minutes(15);
constexpr std::size_t kKept = 15, kEnough = 3;

}  // namespace

void NoteChange(int before, int recommended, std::optional<int> current, absl::Time now,
                StartupMemory& memory) {
  if (recommended < before) memory.asked_at.reset();
  if (recommended <= before || current != before) return;
  memory.asked_at = now;
  memory.before = before;
}

void LearnStartup(std::optional<int> current, absl::Time now, StartupMemory& memory) {
  if (!memory.asked_at.has_value() || !current.has_value()) return;
  const absl::Duration waited = now - *memory.asked_at;
  const bool says_nothing = waited > kLongest || *current < memory.before;
  if (*current == memory.before && !says_nothing) return;
  memory.asked_at.reset();
  if (says_nothing) return;
  if (memory.seconds.size() >= kKept) memory.seconds.erase(memory.seconds.begin());
  memory.seconds.push_back(absl::ToDoubleSeconds(waited));
}

// Nearest rank: the third of 4, the twelfth of 15.
MaybeNumber StartupSeconds(const StartupMemory& memory) {
  if (memory.seconds.size() < kEnough) return std::nullopt;
  std::array<double, kKept> sorted{};
  const std::size_t count = std::min(kKept, memory.seconds.size());
  std::copy_n(memory.seconds.begin(), count, sorted.begin());
  const std::size_t rank = (3 * count - 1) / 4;
  std::ranges::nth_element(sorted.begin(), sorted.begin() + rank, sorted.begin() + count);
  return sorted[rank];
}

absl::Duration LeadOf(const Lead& lead, MaybeNumber startup_seconds) {
  return lead.learned && startup_seconds.has_value() ? absl::Seconds(*startup_seconds)
                                                     : lead.assumed;
}

}  // namespace chatscale::recommender
