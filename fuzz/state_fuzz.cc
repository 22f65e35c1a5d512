#include <cstring>
#include <nlohmann/json.hpp>
#include <random>
#include <vector>

#include "exporter/recommendations/state_file.h"
#include "fuzz/bytes.h"
#include "fuzz/must.h"
#include "recommender/policy.h"
#include "recommender/recommend.h"

// A recorded decision, of which state and signals are read: what a state file may hold, and what
// may be made of a document.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chatscale;
  const auto record = nlohmann::json::parse(fuzz::Bytes(data, size).All(), nullptr, false);
  if (!record.is_object() || !record.contains("state") || !record.contains("signals")) return 0;
  auto state = StateFromJson(record["state"]);
  const auto signals = SignalsFromJson(record["signals"]);
  if (!state.ok() || !signals.ok()) return 0;
  const recommender::Policy policy;
  recommender::Signals later = *signals;
  for (int tick = 0; tick < 3; ++tick) {
    const auto recommendations = recommender::RecommendInPlace(policy, later, *state);
    for (const recommender::Service service : recommender::kServices) {
      const auto& given = recommendations[service];
      if (given.desired) {
        MUST(*given.desired >= given.min);
        MUST(*given.desired <= given.max);
      }
    }
    const auto again = StateFromJson(StateJson(*state));
    MUST(again.ok());
    MUST(StateJson(*again) == StateJson(*state));
    later.now += absl::Minutes(10);
  }
  return 0;
}

#ifdef CHATSCALE_LIBFUZZER
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

// Of the leaves; random bytes mostly make no JSON.
nlohmann::json OddValue(std::mt19937& random) {
  const std::vector<nlohmann::json> odd = {nullptr,
                                           0,
                                           1,
                                           -1,
                                           2,
                                           1'000'000,
                                           -1'000'000,
                                           0.5,
                                           1e-300,
                                           1e12,
                                           -1e12,
                                           INT64_MAX,
                                           INT64_MIN,
                                           1'767'600'645'013'000'000,
                                           std::int64_t{600'000'000'000},
                                           "past",
                                           "future",
                                           true,
                                           false};
  return odd[random() % odd.size()];
}

void Collect(nlohmann::json& at, std::vector<nlohmann::json*>& leaves) {
  if (!at.is_structured()) return leaves.push_back(&at);
  for (auto& below : at) Collect(below, leaves);
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  std::mt19937 random(seed);
  auto record = nlohmann::json::parse(data, data + size, nullptr, false);
  std::vector<nlohmann::json*> leaves;
  Collect(record, leaves);
  if (random() % 8 == 0 || !record.is_object() || leaves.empty()) {
    return LLVMFuzzerMutate(data, size, most);
  }
  for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
    *leaves[random() % leaves.size()] = OddValue(random);
  }
  const std::string text = record.dump();
  if (text.size() > most) return size;
  std::memcpy(data, text.data(), text.size());
  return text.size();
}
#endif
