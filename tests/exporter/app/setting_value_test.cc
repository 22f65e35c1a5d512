// What the table says of a setting is what the setting takes.
#include "exporter/app/setting_value.h"

#include <gtest/gtest.h>

#include <regex>

#include "exporter/app/settings.h"

namespace chatscale {
namespace {

bool Takes(const Setting& setting, const std::string& text) {
  Config config;
  return setting.value.take(text, config);
}

TEST(Settings, DefaultsAreAllowed) {
  int checked = 0;
  for (const Setting& setting : Settings()) {
    const std::string& text = setting.value.default_text;
    if (text.empty() || text == "5 x interval") continue;
    EXPECT_TRUE(Takes(setting, text)) << setting.env << "=" << text;
    ++checked;
  }
  EXPECT_GT(checked, 15);
}

TEST(Settings, BoundsAreInclusive) {
  const std::regex bounds("from ([0-9.]+) to ([0-9]+)");
  int checked = 0;
  for (const Setting& setting : Settings()) {
    std::smatch found;
    if (!std::regex_search(setting.value.allowed, found, bounds)) continue;
    const std::string low = found[1];
    const std::string high = found[2];
    EXPECT_TRUE(Takes(setting, low)) << setting.env;
    EXPECT_TRUE(Takes(setting, high)) << setting.env;
    EXPECT_FALSE(Takes(setting, std::to_string(std::stol(high) + 1))) << setting.env;
    EXPECT_FALSE(Takes(setting, std::to_string(std::stod(low) - 0.01))) << setting.env;
    ++checked;
  }
  EXPECT_EQ(checked, 10);
}

TEST(Settings, EmptyValuesAreRejected) {
  for (const Setting& setting : Settings()) EXPECT_FALSE(Takes(setting, "")) << setting.env;
}

TEST(Settings, SecretsHaveNoFlag) {
  for (const Setting& setting : Settings()) {
    if (setting.secret) {
      EXPECT_EQ(setting.flag, "") << setting.env;
    }
  }
}

TEST(SettingValue, DescriptionAndDefaultCanBeOverridden) {
  const SettingValue value = Seconds({&Config::collection, &PollLoopOptions::max_age},
                                     absl::Milliseconds(100), absl::Hours(1));
  EXPECT_EQ(value.allowed, "seconds from 0.1 to 3600");
  EXPECT_EQ(value.default_text, "75");
  EXPECT_EQ(value.With(", at least").allowed, "seconds from 0.1 to 3600, at least");
  EXPECT_EQ(value.Default("as told").default_text, "as told");
}

TEST(SettingValue, AcceptsOnlyListedWords) {
  const SettingValue value = OneOf(&Config::log_level, {"debug", "info", "warn"});
  EXPECT_EQ(value.allowed, "debug, info or warn");
  Config config;
  EXPECT_TRUE(value.take("warn", config));
  EXPECT_EQ(config.log_level, "warn");
  EXPECT_FALSE(value.take("WARN", config));
  EXPECT_EQ(config.log_level, "warn");
}

}  // namespace
}  // namespace chatscale
