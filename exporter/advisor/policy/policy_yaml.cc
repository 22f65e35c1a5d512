#include "exporter/advisor/policy/policy_yaml.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "recommender/policy_fields.h"

namespace chatscale {

namespace {

using recommender::PolicyField;
using recommender::PolicyUnit;
using recommender::Range;

constexpr std::size_t kWidth = 98;

std::string Between(const PolicyField& field, Range range) {
  return absl::StrCat(PolicyBoundText(field, range.low), " to ",
                      PolicyBoundText(field, range.high));
}

std::string Comment(const PolicyField& field) {
  std::string text(field.help);
  if (field.unit == PolicyUnit::kSwitch) return text;
  absl::StrAppend(&text, " Unit: ", std::string(recommender::UnitName(field.unit)),
                  "; bounds: ", Between(field, field.bounds));
  if (field.documented.low <= field.documented.high) {
    absl::StrAppend(&text, "; documented: ", Between(field, field.documented));
  }
  return text + ".";
}

void AppendComment(const std::string& text, const std::string& indent, std::string& out) {
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) absl::StrAppend(&out, indent, "#", line, "\n");
    line.clear();
  };
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (indent.size() + line.size() + word.size() + 2 > kWidth) flush();
    absl::StrAppend(&line, " ", word);
  }
  flush();
}

}  // namespace

std::string PolicyYaml(const recommender::Policy& policy, PolicyComments comments) {
  std::string out;
  std::vector<std::string> open;  // groups the previous field was in
  for (const PolicyField& field : recommender::PolicyFields()) {
    const std::vector<std::string> parts = absl::StrSplit(std::string(field.path), '.');
    const std::size_t depth = parts.size() - 1;
    std::size_t same = 0;
    while (same < std::min(depth, open.size()) && parts[same] == open[same]) ++same;
    for (std::size_t level = same; level < depth; ++level) {
      absl::StrAppend(&out, std::string(2 * level, ' '), parts[level], ":\n");
    }
    open.assign(parts.begin(), parts.end() - 1);
    const std::string indent(2 * depth, ' ');
    if (comments == PolicyComments::kFull) AppendComment(Comment(field), indent, out);
    absl::StrAppend(&out, indent, parts.back(), ": ", recommender::PolicyFieldText(policy, field),
                    "\n");
  }
  return out;
}

}  // namespace chatscale
