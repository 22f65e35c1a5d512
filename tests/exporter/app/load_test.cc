#include "exporter/app/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_join.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Env = std::map<std::string, std::string, std::less<>>;

LoadResult LoadWith(std::vector<const char*> args, const Env& env) {
  args.insert(args.begin(), "chatscale");
  return Load(static_cast<int>(args.size()), args.data(),
              [&](std::string_view name) -> std::optional<std::string> {
                const auto found = env.find(name);
                if (found == env.end()) return std::nullopt;
                return found->second;
              });
}

TEST(Load, FlagOverridesEnvironmentVariable) {
  const auto result = LoadWith({"--mode", "demo", "--web.port=9"}, {{"METRICS_PORT", "8"}});
  ASSERT_TRUE(result.command_line) << result.faults.size();
  EXPECT_EQ(result.command_line->config.server.port, 9);
}

TEST(Load, AcceptsFlagsAfterTheCommand) {
  const auto result = LoadWith({"snapshot", "--mode", "demo", "--format", "system"}, {});
  ASSERT_TRUE(result.command_line);
  EXPECT_EQ(result.command_line->command, Command::kSnapshot);
  EXPECT_EQ(result.command_line->snapshot_format, "system");
  EXPECT_EQ(result.command_line->config.mode, Mode::kDemo);
}

TEST(Load, EmptyVariableCountsAsUnset) {
  const auto result = LoadWith({"--mode=demo"}, {{"METRICS_PORT", ""}});
  ASSERT_TRUE(result.command_line);
  EXPECT_EQ(result.command_line->config.server.port, 8090);
}

TEST(Load, ReportsAllErrorsWithAllowedValues) {
  const auto result = LoadWith({}, {{"METRICS_MODE", "cluster"},
                                    {"METRICS_PORT", "80800"},
                                    {"METRICS_COLLECT_INTERVAL_SEC", "soon"}});
  EXPECT_FALSE(result.command_line);
  EXPECT_THAT(
      result.faults,
      ElementsAre("METRICS_MODE=\"cluster\": expected redis, proxy or demo",
                  "METRICS_PORT=\"80800\": expected a port from 0 to 65535 (0: any free one)",
                  "METRICS_COLLECT_INTERVAL_SEC=\"soon\": expected seconds from 1 to 3600"));
}

TEST(Load, SecretValuesAreHiddenInErrors) {
  const auto result = LoadWith({}, {{"METRICS_HEADERS_JSON", "{\"Authorization\": \"canary"},
                                    {"METRICS_AUTH_HEADER_VALUE", "canary\n"}});
  ASSERT_EQ(result.faults.size(), 2U);
  for (const std::string& fault : result.faults) {
    EXPECT_THAT(fault, testing::Not(HasSubstr("canary")));
    EXPECT_THAT(fault, HasSubstr("(hidden)"));
  }
}

TEST(Load, ExplainsKubernetesServiceLinkVariables) {
  const auto result = LoadWith({}, {{"METRICS_PORT", "tcp://10.0.0.1:8090"}});
  ASSERT_EQ(result.faults.size(), 1U);
  EXPECT_THAT(result.faults[0], HasSubstr("enableServiceLinks"));
}

TEST(Load, DemoIntervalScalesWithSpeedUnlessSet) {
  const auto interval = [](const std::vector<const char*>& args) {
    return LoadWith(args, {}).command_line->config.collection.interval;
  };
  EXPECT_EQ(interval({"--mode=demo", "--demo.speed=10"}), absl::Milliseconds(1'500));
  EXPECT_EQ(interval({"--mode=demo", "--demo.speed=1000"}), absl::Milliseconds(15));
  EXPECT_EQ(interval({"--mode=demo", "--collect.interval=7"}), absl::Seconds(7));
}

TEST(Load, MaxAgeDefaultsToFiveIntervals) {
  EXPECT_EQ(LoadWith({"--mode=demo"}, {{"METRICS_COLLECT_INTERVAL_SEC", "2"}})
                .command_line->config.collection.max_age,
            absl::Seconds(10));
  EXPECT_EQ(
      LoadWith({"--mode=demo", "--collect.max-age=60"}, {}).command_line->config.collection.max_age,
      absl::Seconds(60));
  EXPECT_THAT(LoadWith({"--mode=demo", "--collect.interval=15", "--collect.max-age=5"}, {}).faults,
              ElementsAre(HasSubstr("METRICS_MAX_AGE_SEC")));
}

TEST(Load, UrlCredentialsAreRedactedInErrors) {
  const LoadResult result = LoadWith({"--mode=proxy", "--proxy.proc-url=http://user:canary@h/"},
                                     {{"METRICS_INGRESS_BASE_URL", "user:canary@h"}});
  EXPECT_THAT(result.faults, ElementsAre(HasSubstr("=\"***@h\""), HasSubstr("=\"http://***@h/\"")));
}

TEST(Load, ProxyModeNeedsABaseUrl) {
  EXPECT_THAT(LoadWith({"--mode=proxy"}, {}).faults,
              ElementsAre(HasSubstr("METRICS_INGRESS_BASE_URL")));
  EXPECT_TRUE(LoadWith({"--mode=proxy"}, {{"METRICS_PROC_BASE_URL", "http://p"}}).command_line);
}

TEST(Load, AuthHeaderNeedsNameAndValue) {
  const Env base = {{"METRICS_MODE", "proxy"}, {"METRICS_PROC_BASE_URL", "http://p"}};
  Env name_only = base;
  name_only["METRICS_AUTH_HEADER_NAME"] = "Authorization";
  EXPECT_THAT(LoadWith({}, name_only).faults, ElementsAre(HasSubstr("METRICS_AUTH_HEADER_VALUE")));
  Env value_only = base;
  value_only["METRICS_AUTH_HEADER_VALUE"] = "canary";
  EXPECT_THAT(LoadWith({}, value_only).faults, ElementsAre(HasSubstr("METRICS_AUTH_HEADER_NAME")));
}

std::string FaultsOf(const Env& env) { return absl::StrJoin(LoadWith({}, env).faults, "\n"); }

TEST(Load, PushgatewayNeedsUrlAndOneCredential) {
  TempFolder folder;
  const std::string file = folder.Write("password", "secret\n");
  const auto faults = [&](Env env) {
    env.emplace("METRICS_EXPORT_PROMETHEUS_PUSH", "1");
    return FaultsOf(env);
  };
  const std::string url = "METRICS_PROM_PUSHGATEWAY_URL";
  const std::string user = "METRICS_PROM_PUSHGATEWAY_USER";
  const std::string password = "METRICS_PROM_PUSHGATEWAY_PASSWORD_FILE";
  EXPECT_THAT(faults({}), HasSubstr("expected METRICS_PROM_PUSHGATEWAY_URL to be set"));
  EXPECT_EQ(faults({{url, "http://u:p@a"}}), "");
  EXPECT_EQ(faults({{url, "http://a"}, {user, "u"}, {password, file}}), "");
  EXPECT_THAT(faults({{url, "http://a"}, {user, "u"}}), HasSubstr("expected both or neither"));
  EXPECT_THAT(faults({{url, "http://u:p@a"}, {user, "u"}, {password, file}}),
              HasSubstr("expected METRICS_PROM_PUSHGATEWAY_URL without a user"));
  EXPECT_THAT(faults({{url, "http://a"}, {user, "u"}, {password, "/gone"}}), HasSubstr("/gone"));
}

TEST(Load, CloudWatchReadsAwsVariables) {
  const Env complete = {{"METRICS_EXPORT_CLOUDWATCH", "1"},
                        {"AWS_DEFAULT_REGION", "eu-central-1"},
                        {"AWS_ACCESS_KEY_ID", "AKID"},
                        {"AWS_SECRET_ACCESS_KEY", "canary"},
                        {"AWS_ENDPOINT_URL", "http://all:1"}};
  const auto with = [&](const char* name, const char* value) {
    Env env = complete;
    env[name] = value;
    const LoadResult result = LoadWith({}, env);
    EXPECT_TRUE(result.command_line) << absl::StrJoin(result.faults, "\n");
    return result.command_line ? result.command_line->config.cloudwatch : CloudWatchOptions();
  };
  EXPECT_EQ(with("TENANT_ID", "a").region, "eu-central-1");
  EXPECT_EQ(with("AWS_REGION", "eu-west-1").region, "eu-west-1");
  EXPECT_EQ(with("METRICS_CLOUDWATCH_REGION", "eu-west-2").region, "eu-west-2");
  EXPECT_EQ(with("AWS_ENDPOINT_URL_CLOUDWATCH", "http://one:1").endpoint, "http://one:1");
  EXPECT_EQ(with("HOME", "/home/ops").credentials.credentials_file, "/home/ops/.aws/credentials");
  for (const char* needed : {"AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}) {
    Env env = complete;
    env.erase(needed);
    EXPECT_THAT(FaultsOf(env), HasSubstr(needed));
    EXPECT_EQ(FaultsOf(env).find("canary"), std::string::npos);
  }
}

TEST(Load, CloudWatchNeedsAwsCredentials) {
  const auto faults = [](Env env) {
    env.emplace("METRICS_EXPORT_CLOUDWATCH", "1");
    env.emplace("AWS_REGION", "eu-west-1");
    env.emplace("AWS_EC2_METADATA_DISABLED", "true");
    env.emplace("HOME", "/gone");
    return FaultsOf(env);
  };
  EXPECT_THAT(faults({}), HasSubstr("expected credentials: AWS_ACCESS_KEY_ID"));
  EXPECT_EQ(faults({{"AWS_EC2_METADATA_DISABLED", "false"}}), "");
  EXPECT_THAT(faults({{"AWS_PROFILE", "prod"}}), HasSubstr("/gone/.aws/credentials"));
  TempFolder folder;
  const std::string file = folder.Write("credentials", "[default]\n");
  EXPECT_EQ(faults({{"AWS_SHARED_CREDENTIALS_FILE", file}}), "");
  EXPECT_EQ(faults({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1"}}), "");
  const auto full = [&](const std::string& url) {
    return faults({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}});
  };
  for (const char* good :
       {"https://anywhere/x?y", "http://localhost:1/x", "http://127.0.0.1/x", "http://[::1]:80/x",
        "http://169.254.170.2/x", "http://169.254.170.23/v1", "http://[fd00:ec2::23]/v1"}) {
    EXPECT_EQ(full(good), "") << good;
  }
  for (const char* bad : {"http://anywhere/x", "http://169.254.169.254/x", "ftp://localhost",
                          "http://localhost@evil/", "http://", "http://127.0.0.1.evil/",
                          "http://localhost\\@evil/", "/x"}) {
    EXPECT_THAT(full(bad), HasSubstr("AWS_CONTAINER_CREDENTIALS_FULL_URI")) << bad;
  }
}

TEST(Load, AcceptsDimensionsAsObjectOrEcsList) {
  const auto load = [](const std::string& text) {
    return LoadWith({"--cloudwatch.dimensions", text.c_str()}, {{"METRICS_MODE", "demo"}});
  };
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  const Pairs expected = {{"env", "prod"}, {"team", "chat"}};
  for (const char* text : {R"({"env":"prod","team":"chat"})",
                           R"([{"Name":"env","Value":"prod"},{"Value":"chat","Name":"team"}])"}) {
    const LoadResult result = load(text);
    ASSERT_TRUE(result.command_line) << text;
    EXPECT_EQ(result.command_line->config.cloudwatch.dimensions, expected) << text;
  }
  EXPECT_TRUE(load("[]").command_line);
  for (const char* bad : {"", "1", R"([{"Name":"a"}])", R"([{"Name":"a","Value":1}])",
                          R"([["a","b"]])", R"({"a":""})", R"({":a":"b"})", R"({"ü":"b"})",
                          R"({"a":"ü"})", R"([{"Name":"a","Value":"b","Unit":"c"}])",
                          R"([{"Name":"a","Value":"b"},{"Name":"a","Value":"c"}])"}) {
    EXPECT_FALSE(load(bad).command_line) << bad;
  }
}

TEST(Load, MappingEntriesAreNamesOrObjects) {
  const auto load = [](const std::string& mapping) {
    return LoadWith({"check"}, {{"METRICS_MODE", "demo"}, {"METRICS_MAPPING_JSON", mapping}});
  };
  const auto good = load(
      R"({"proc.queue.total":"a","proc.exec.p95_ms":{"metric":"b","unit":"Seconds"},
          "ingress.sse.sessions":{"cloudwatch_name":"c","unit":null},"proc.queue.depth.1m":{"name":"d"}})");
  ASSERT_TRUE(good.command_line) << absl::StrJoin(good.faults, "; ");
  const std::vector<MappedName>& mapping = good.command_line->config.mapping;
  ASSERT_EQ(mapping.size(), 4U);
  EXPECT_EQ(mapping[1].name, "b");
  EXPECT_EQ(mapping[1].unit, "Seconds");
  EXPECT_EQ(mapping[2].name, "c");
  EXPECT_EQ(mapping[2].unit, "");
  EXPECT_TRUE(load("{}").command_line);
  for (const char* bad :
       {"1", "[]", R"({"proc.queue.total":1})", R"({"proc.queue.total":{}})",
        R"({"proc.queue.total":{"unit":"Count"}})", R"({"proc.queue.total":{"name":1}})",
        R"({"proc.queue.total":{"name":"a","metric":"b"}})", R"({"proc.queue.total":{"name":""}})",
        R"({"proc.queue.total":{"name":"a","scale":"2"}})", R"({"proc.queue.total":["a"]})",
        R"({"proc.queue.total":"a","proc.queue.total":"b"})"}) {
    EXPECT_THAT(load(bad).faults, ElementsAre(HasSubstr("expected a JSON object of the upstream")))
        << bad;
  }
  EXPECT_THAT(load(R"({"proc.queue.wait":"a"})").faults,
              ElementsAre(testing::StartsWith(
                  "METRICS_MAPPING_JSON: \"proc.queue.wait\": expected one of ")));
}

TEST(Load, GroupingLabelsMustNotMixTenants) {
  const auto faults = [](const std::string& labels, const std::string& targets) {
    return FaultsOf({{"METRICS_EXPORT_PROMETHEUS_PUSH", "1"},
                     {"METRICS_PROM_PUSHGATEWAY_URL", "http://a"},
                     {"METRICS_PROM_GROUPING_LABELS_JSON", labels},
                     {"METRICS_TARGETS_JSON", targets}});
  };
  const std::string one = R"([{"tenant":"a","project":"p"}])";
  const std::string two = R"([{"tenant":"a","project":"p"},{"tenant":"b","project":"p"}])";
  EXPECT_EQ(faults(R"({"tenant":"a"})", one), "");
  EXPECT_EQ(faults(R"({"env":"a"})", two), "");
  EXPECT_THAT(faults(R"({"tenant":"a"})", two), HasSubstr("no label \"tenant\" with several"));
  EXPECT_THAT(faults(R"({"component":"a"})", one), HasSubstr("no label \"component\""));
  for (const char* bad : {R"({"job":"a"})", R"({"a-b":"c"})", "[]", R"({"a":{}})"}) {
    EXPECT_THAT(faults(bad, one), HasSubstr("expected a JSON object of label names")) << bad;
  }
}

TEST(Load, DimensionsDoNotMixTenantsOrServices) {
  const auto faults = [](const std::string& dimensions, const std::string& discover) {
    return FaultsOf({{"METRICS_EXPORT_CLOUDWATCH", "1"},
                     {"AWS_REGION", "eu-west-1"},
                     {"METRICS_CLOUDWATCH_DIMENSIONS_JSON", dimensions},
                     {"METRICS_TARGETS", discover}});
  };
  EXPECT_EQ(faults(R"({"tenant":"a"})", "configured"), "");
  EXPECT_THAT(faults(R"({"tenant":"a"})", "discover"), HasSubstr("no dimension \"tenant\" with"));
  EXPECT_THAT(faults(R"({"component":"a"})", "configured"),
              HasSubstr("distinguishes the services"));
}

TEST(Load, RejectsUnknownFlagsAndCommands) {
  EXPECT_EQ(LoadWith({"--nope"}, {}).faults.size(), 1U);
  EXPECT_EQ(LoadWith({"nope"}, {}).faults.size(), 1U);
  EXPECT_EQ(LoadWith({"snapshot", "--format", "xml"}, {}).faults.size(), 1U);
}

TEST(Load, ReturnsHelpAndVersionTexts) {
  EXPECT_THAT(LoadWith({"--help"}, {}).text, HasSubstr("METRICS_COLLECT_INTERVAL_SEC"));
  EXPECT_THAT(LoadWith({"--help"}, {}).text, HasSubstr("METRICS_AUTH_HEADER_VALUE"));
  EXPECT_THAT(LoadWith({"--version"}, {}).text, testing::StartsWith("chatscale 0."));
}

}  // namespace
}  // namespace chatscale
