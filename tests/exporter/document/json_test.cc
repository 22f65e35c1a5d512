#include "exporter/document/json.h"

#include <gtest/gtest.h>

namespace chatscale {
namespace {

TEST(TolerantJson, ReplacesOnlyInvalidTokens) {
  const struct {
    const char* in;
    const char* out;
  } cases[] = {
      {R"({"a":NaN})", R"({"a":null})"},
      {R"([Infinity,-Infinity])", "[null,null]"},
      {R"({"NaN":"NaN","s":"-Infinity"})", R"({"NaN":"NaN","s":"-Infinity"})"},
      {R"({"s":"a\"NaN","n":NaN})", R"({"s":"a\"NaN","n":null})"},
      {"[1e999,-1e999,1e308]", "[null,null,1e308]"},
      {"[123456789012345678901]", "[123456789012345678901.0]"},
      {"[1,-2,3.5,1e3,true,false,null]", "[1,-2,3.5,1e3,true,false,null]"},
      {"[nope]", "[nope]"},
      {"\"open", "\"open"},
      {"\"x\xFFy\"", "\"x\xEF\xBF\xBDy\""},
      {"", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(TolerantJson(c.in), c.out) << c.in;
  EXPECT_EQ(TolerantJson("[NaN,1e999]", kNotFinite), R"(["NaN","NaN"])");
}

}  // namespace
}  // namespace chatscale
