#include "fuzz/text_parser.h"

#include <cstdlib>
#include <optional>
#include <set>

namespace chatscale::fuzz {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view Name(std::string_view& line, bool colons) {
  std::size_t size = 0;
  while (size < line.size() && (IsLetter(line[size]) || (colons && line[size] == ':') ||
                                (size > 0 && IsDigit(line[size])))) {
    ++size;
  }
  const std::string_view name = line.substr(0, size);
  line.remove_prefix(size);
  return name;
}

bool Eat(std::string_view& line, std::string_view text) {
  if (!line.starts_with(text)) return false;
  line.remove_prefix(text.size());
  return true;
}

// No overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i++]);
    if (byte < 0x80) continue;
    const int more = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
    if (byte < 0xC2 || byte > 0xF4) return false;
    unsigned long code = byte & (0x3FU >> more);
    for (int k = 0; k < more; ++k, ++i) {
      if (i >= text.size() || (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return false;
      code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
    }
    const bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
    if (overlong || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF) return false;
  }
  return true;
}

// To the end, or to the closing quote, which stays.
std::optional<std::string> Unescaped(std::string_view& line, bool quoted) {
  std::string out;
  while (!line.empty() && !(quoted && line[0] == '"')) {
    char c = line[0];
    line.remove_prefix(1);
    if (c == '\\') {
      if (line.empty()) return std::nullopt;
      const char escaped = line[0];
      line.remove_prefix(1);
      if (escaped != '\\' && escaped != 'n' && !(quoted && escaped == '"')) return std::nullopt;
      c = escaped == 'n' ? '\n' : escaped;
    }
    out += c;
  }
  if (!IsUtf8(out)) return std::nullopt;
  return out;
}

std::optional<double> Number(std::string_view text) {
  if (text == "NaN" || text == "+Inf" || text == "-Inf") return std::strtod(text.data(), nullptr);
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != text.npos) return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  return *end == '\0' ? std::optional(value) : std::nullopt;
}

class Parser {
 public:
  ParsedText Parse(std::string_view text) {
    while (!text.empty() && parsed_.fault.empty()) {
      const std::size_t end = text.find('\n');
      if (end == text.npos) Fail("no line end", text);
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end == text.npos ? text.size() : end + 1);
      if (!line.empty() && !(line[0] == '#' ? Comment(line) : Sample(line))) Fail("bad line", line);
    }
    return std::move(parsed_);
  }

 private:
  void Fail(const char* what, std::string_view line) {
    if (parsed_.fault.empty()) parsed_.fault = std::string(what) + ": " + std::string(line);
  }

  bool Open(const std::string& family) {
    if (family == family_) return true;
    family_ = family;
    type_.clear();
    return families_.insert(family).second;  // else it is in two places
  }

  bool Comment(std::string_view line) {
    const bool help = Eat(line, "# HELP ");
    if (!help && !Eat(line, "# TYPE ")) return false;
    const std::string name(Name(line, true));
    if (name.empty() || !Eat(line, " ") || !Open(name)) return false;
    if (help) {
      const auto text = Unescaped(line, false);
      return text && parsed_.help.emplace(name, *text).second;
    }
    if (!type_.empty()) return false;
    type_ = line;
    return line == "gauge" || line == "counter" || line == "histogram" || line == "summary" ||
           line == "untyped";
  }

  bool Belongs(std::string_view name) const {
    if (name == family_) return type_ != "histogram";
    if (type_ != "histogram" || !name.starts_with(family_)) return false;
    name.remove_prefix(family_.size());
    return name == "_bucket" || name == "_sum" || name == "_count";
  }

  bool Sample(std::string_view line) {
    ParsedSample sample;
    sample.name = Name(line, true);
    if (sample.name.empty() || type_.empty() || !Belongs(sample.name)) return false;
    if (Eat(line, "{") && !Labels(line, sample)) return false;
    if (!Eat(line, " ")) return false;
    const auto value = Number(line);
    if (!value) return false;
    sample.value = *value;
    const bool fresh = series_.emplace(sample.name, sample.labels).second;
    parsed_.samples.push_back(std::move(sample));
    return fresh;
  }

  static bool Labels(std::string_view& line, ParsedSample& sample) {
    while (!Eat(line, "}")) {
      const std::string name(Name(line, false));
      if (name.empty() || !Eat(line, "=\"")) return false;
      const auto value = Unescaped(line, true);
      if (!value || !Eat(line, "\"") || !sample.labels.emplace(name, *value).second) return false;
      if (!line.starts_with("}") && !Eat(line, ",")) return false;
    }
    return true;
  }

  ParsedText parsed_;
  std::string family_, type_;
  std::set<std::string> families_;
  std::set<std::pair<std::string, std::map<std::string, std::string>>> series_;
};

}  // namespace

ParsedText ParseText(std::string_view text) { return Parser().Parse(text); }

}  // namespace chatscale::fuzz
