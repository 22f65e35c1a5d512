#include "exporter/files/yaml_text.h"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>

#include <map>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"

namespace chatscale {
namespace {

// Checks the events before a tree is built. yaml-cpp's own LoadAll never ends on some malformed
// texts: it takes what it cannot parse for one more document, again and again.
class Guard : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw YAML::ParserException(mark, "one document is expected");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Leaf(mark, anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string&) override {
    Leaf(mark, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = sizes_.find(anchor);
    if (known == sizes_.end()) throw YAML::ParserException(mark, "an alias of what it stands in");
    Grow(mark, known->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open_.push_back({mark, anchor, 1});
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open_.push_back({mark, anchor, 1});
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Open {
    YAML::Mark mark;
    YAML::anchor_t anchor;
    std::size_t values;  // in it, with aliases expanded
  };

  void Leaf(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) sizes_[anchor] = 1;
    Grow(mark, 1);
  }

  void Close() {
    const Open closed = open_.back();
    open_.pop_back();
    if (closed.anchor != 0) sizes_[closed.anchor] = closed.values;
    Grow(closed.mark, closed.values);
  }

  void Grow(const YAML::Mark& mark, std::size_t values) {
    constexpr std::size_t kMostValues = 100'000;
    if (open_.empty()) return;
    open_.back().values += values;
    if (open_.back().values > kMostValues) throw YAML::ParserException(mark, "too many values");
  }

  int documents_ = 0;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::size_t> sizes_;
};

}  // namespace

absl::StatusOr<YAML::Node> ParseYaml(std::string_view text, const std::string& name) {
  try {
    const std::string copy(text);
    std::istringstream in(copy);
    YAML::Parser parser(in);
    Guard guard;
    while (parser.HandleNextDocument(guard)) {
    }
    return YAML::Load(copy);
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ":", error.mark.line + 1, ": ", error.msg));
  }
}

}  // namespace chatscale
