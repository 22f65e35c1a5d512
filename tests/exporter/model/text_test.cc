#include "exporter/model/text.h"

#include <gtest/gtest.h>

namespace chatscale {
namespace {

TEST(RepairUtf8, ReplacesOnlyMalformedSequences) {
  const std::string bad = "\xEF\xBF\xBD";
  const struct {
    std::string in;
    std::string out;
  } cases[] = {
      {"plain", "plain"},
      {"\xC3\xA9", "\xC3\xA9"},                     // é
      {"\xE2\x82\xAC", "\xE2\x82\xAC"},             // €
      {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},     // an emoji
      {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},     // U+10FFFF, the last one
      {"\xF4\x90\x80\x80", bad + bad + bad + bad},  // one beyond it
      {"\xC0\xAF", bad + bad},                      // overlong
      {"\xE0\x9F\xBF", bad + bad + bad},            // overlong
      {"\xED\xA0\x80", bad + bad + bad},            // a surrogate
      {"\xE2\x82", bad + bad},                      // broken off
      {"a\x80z", "a" + bad + "z"},                  // a continuation alone
  };
  for (const auto& c : cases) EXPECT_EQ(RepairUtf8(c.in), c.out);
}

TEST(Utf8Prefix, NeverCutsACharacter) {
  const std::string text = "a\xE2\x82\xAC";
  EXPECT_EQ(Utf8Prefix(text, 4), text);
  EXPECT_EQ(Utf8Prefix(text, 3), "a");
  EXPECT_EQ(Utf8Prefix(text, 1), "a");
  EXPECT_EQ(Utf8Prefix(text, 0), "");
}

}  // namespace
}  // namespace chatscale
