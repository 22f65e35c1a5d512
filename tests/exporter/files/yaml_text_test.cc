#include "exporter/files/yaml_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatscale {
namespace {

using testing::HasSubstr;

std::string FaultOf(std::string_view text) {
  return std::string(ParseYaml(text, "a.yml").status().message());
}

TEST(YamlText, AcceptsASingleDocumentOnly) {
  EXPECT_TRUE(ParseYaml("", "a.yml")->IsNull());
  EXPECT_EQ((*ParseYaml("---\na: [1, 2]\n...\n", "a.yml"))["a"][1].as<int>(), 2);
  EXPECT_THAT(FaultOf("a: 1\n---\nb: 2\n"), HasSubstr("a.yml:2: one document is expected"));
  EXPECT_THAT(FaultOf("a: ["), HasSubstr("a.yml:1: "));
  EXPECT_THAT(FaultOf("!till with\n? [x] [1]\n"), HasSubstr("a.yml:2: ")) << "was endless";
}

TEST(YamlText, AliasExpansionAndDepthAreBounded) {
  EXPECT_EQ((*ParseYaml("a: &x {b: 1}\nc: *x\n", "a.yml"))["c"]["b"].as<int>(), 1);
  EXPECT_THAT(FaultOf("a: &x [*x]"), HasSubstr("an alias of what it stands in"));
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string last = "*a" + std::to_string(i - 1), name = "a" + std::to_string(i);
    bomb += name + ": &" + name + " [" + last;
    for (int k = 1; k < 10; ++k) bomb += "," + last;
    bomb += "]\n";
  }
  EXPECT_THAT(FaultOf(bomb), HasSubstr("too many values"));
  EXPECT_THAT(FaultOf(std::string(100'000, '[')), HasSubstr("a.yml:1: ")) << "depth";
}

}  // namespace
}  // namespace chatscale
