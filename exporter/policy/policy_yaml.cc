#include "exporter/policy/policy_yaml.h"

#include <sstream>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "recommender/policy_fields.h"

namespace chatscale {
namespace {

using recommender::PolicyField;
using recommender::Range;
using recommender::Unit;

constexpr std::size_t kLineWidth = 100;

std::string Bound(const PolicyField& field, double value) {
  if (field.unit == Unit::kDuration) return absl::FormatDuration(absl::Seconds(value));
  return absl::StrCat(value);
}

std::string RangeText(const PolicyField& field, Range range) {
  return absl::StrCat(Bound(field, range.low), " to ", Bound(field, range.high));
}

std::string CommentOf(const PolicyField& field) {
  std::string text(field.help);
  if (field.unit == Unit::kSwitch) return text + " true or false.";
  absl::StrAppend(&text, " Unit: ", std::string(UnitName(field.unit)), "; ",
                  RangeText(field, field.bounds));
  if (field.documented.low <= field.documented.high) {
    absl::StrAppend(&text, "; documented: ", RangeText(field, field.documented));
  }
  return text + ".";
}

// `text` as comment lines.
void AppendComment(const std::string& text, const std::string& indent, std::string& out) {
  std::string line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && indent.size() + 2 + line.size() + 1 + word.size() > kLineWidth) {
      out += indent + "# " + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  if (!line.empty()) out += indent + "# " + line + "\n";
}

}  // namespace

std::string PolicyYaml(const recommender::Policy& policy, bool comments) {
  std::string out;
  std::vector<std::string> open;  // the mappings we are in
  for (const PolicyField& field : recommender::PolicyFields()) {
    std::vector<std::string> path = absl::StrSplit(std::string(field.path), '.');
    const std::string key = path.back();
    path.pop_back();
    std::size_t same = 0;
    while (same < open.size() && same < path.size() && open[same] == path[same]) ++same;
    for (std::size_t depth = same; depth < path.size(); ++depth) {
      if (comments && depth == 0) out += "\n";
      out += std::string(2 * depth, ' ') + path[depth] + ":\n";
    }
    open = path;
    const std::string indent(2 * path.size(), ' ');
    if (comments) AppendComment(CommentOf(field), indent, out);
    out += indent + key + ": " + PolicyFieldText(policy, field) + "\n";
  }
  return out;
}

}  // namespace chatscale
