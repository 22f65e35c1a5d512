// Reads Prometheus' text format as strictly as its description allows. Written from that
// description, apart from our writer, which it checks.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chatscale::fuzz {

struct ParsedSample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

struct ParsedText {
  std::string fault;  // "" when all of it is well formed
  std::vector<ParsedSample> samples;
  std::map<std::string, std::string> help;  // by family
};

// Families are together and have one TYPE each, before their samples; no series occurs twice; label
// values are UTF-8.
ParsedText ParseText(std::string_view text);

}  // namespace chatscale::fuzz
