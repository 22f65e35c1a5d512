#include <nlohmann/json.hpp>
#include <sstream>

#include "exporter/document/monitoring_json.h"
#include "exporter/recommendations/replay.h"
#include "fuzz/bytes.h"
#include "fuzz/exposed.h"
#include "fuzz/must.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chatscale;
  std::string input(fuzz::Bytes(data, size).All());
  std::istringstream lines(input);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    if (const auto snapshot = ParseMonitoringDocument(line); snapshot.ok()) {
      fuzz::MustBeExposed(*snapshot);
    }
  }
  std::istringstream in(input);
  std::ostringstream out;
  MUST(Replay(PolicySet{}, in, out, {}).ok());
  std::istringstream answers(out.str());
  for (std::string line; std::getline(answers, line); --count) {
    const auto answer = nlohmann::json::parse(line, nullptr, false);
    MUST(answer.is_object());
    if (!answer.contains("components")) continue;
    for (const auto& [name, component] : answer["components"].items()) {
      const auto& desired = component["desired_replicas"];
      MUST(desired.is_null() || (desired >= 1 && desired <= 100'000));
    }
  }
  MUST(count == 0);  // one answer for each line
  return 0;
}
