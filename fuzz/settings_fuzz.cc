#include <map>

#include "exporter/app/load.h"
#include "exporter/app/settings.h"
#include "fuzz/bytes.h"
#include "fuzz/must.h"

namespace chatscale {
namespace {

// "NAME=value" lines, as in a file of environment variables.
std::map<std::string, std::string, std::less<>> VariablesIn(std::string_view text) {
  std::map<std::string, std::string, std::less<>> variables;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t equals = line.find('=');
    if (equals == line.npos || line.find('\0') != line.npos) continue;
    variables.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return variables;
}

int Count(std::string_view text, std::string_view part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

bool Contains(const std::vector<std::string>& lines, std::string_view secret) {
  for (const std::string& line : lines) {
    if (line.find(secret) != line.npos) return true;
  }
  return false;
}

}  // namespace
}  // namespace chatscale

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chatscale;
  const std::string_view input = fuzz::Bytes(data, size).All();
  const auto variables = VariablesIn(input);
  const char* const argv[] = {"chatscale", "check"};
  const LoadResult result = Load(2, argv, [&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
  MUST(result.command_line.has_value() != !result.faults.empty());
  for (const std::string& fault : result.faults) MUST(fault.find('\n') == fault.npos);
  std::vector<std::string> shown = result.faults;
  if (result.command_line) {
    for (const ShownSetting& setting : result.command_line->settings)
      shown.push_back(setting.value);
  }
  for (const Setting& setting : Settings()) {
    const auto given = variables.find(setting.env);
    if (!setting.secret || given == variables.end()) continue;
    // Else it may be shown for what else it is.
    if (!given->second.starts_with("hunter2-") || Count(input, given->second) > 1) continue;
    MUST(!Contains(shown, given->second));
  }
  return 0;
}
