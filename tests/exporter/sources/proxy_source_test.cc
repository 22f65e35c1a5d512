#include "exporter/sources/proxy_source.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

#include "exporter/model/error_kind.h"
#include "tests/support/fixtures.h"
#include "tests/support/scenario.h"
#include "tests/support/stub_behaviours.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

ProxySourceOptions ConfigFor(const StubServer& ingress, const StubServer& proc) {
  return {.base_url = {ingress.url(), proc.url() + "/base"}};
}

TargetSample Take(const ProxySourceOptions& config, absl::Duration timeout = kPlenty) {
  return MakeProxySource(config, {}, absl::Minutes(1))->Collect(kNow, timeout).at(0);
}

TEST(ProxySource, HungServiceDelaysNeitherTheOtherNorNextCycle) {
  auto ingress = std::make_unique<StubServer>(stub::Hang());
  StubServer proc(stub::Answer(ReadScenario("steady/system.json")));
  const ProxySourceOptions config{.base_url = {ingress->url(), proc.url()}};
  const auto source = MakeProxySource(config, {"t", "p"}, absl::Milliseconds(400));
  std::vector<TargetSample> early;
  source->SetEarly([&](TargetSample sample) { early.push_back(std::move(sample)); });
  for (std::size_t beat = 1; beat <= 3; ++beat) {
    const auto start = std::chrono::steady_clock::now();
    const TargetSample rest = source->Collect(kNow, kPlenty).at(0);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    ASSERT_EQ(early.size(), beat);
    ASSERT_EQ(early.back().parts.size(), 2U);
    EXPECT_TRUE(early.back().parts[0].pending);
    EXPECT_TRUE(early.back().parts[1].snapshot.ok()) << early.back().parts[1].snapshot.status();
    ASSERT_EQ(rest.parts.size(), 1U);
    EXPECT_TRUE(rest.parts[0].pending);
    EXPECT_EQ(proc.Requests().size(), beat);
    EXPECT_EQ(ingress->Requests().size(), 1U) << "not a second time";
    EXPECT_TRUE(source->Busy());
  }
  // Its fetch ends with it: one that outlives the test meets OpenSSL's own end.
  ingress.reset();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (source->Busy() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_FALSE(source->Busy());
}

// What is not configured is what the documents say, also once they no longer come.
TEST(ProxySource, TargetDefaultsToThatOfTheDocument) {
  StubServer server(stub::Answer(ReadScenario("steady/system.json")));
  const ProxySourceOptions config{.base_url = {"", server.url()}};
  const auto source = MakeProxySource(config, {}, absl::Minutes(1));
  EXPECT_EQ(source->Collect(kNow, kPlenty).at(0).target, (Target{"acme", "assist"}));
  server.SetBehaviour(stub::Status(500));
  EXPECT_EQ(source->Collect(kNow, kPlenty).at(0).target, (Target{"acme", "assist"}));
  server.SetBehaviour(stub::Answer(ReadScenario("steady/system.json")));
  EXPECT_EQ(
      MakeProxySource(config, {"ours", ""}, absl::Minutes(1))->Collect(kNow, kPlenty).at(0).target,
      (Target{"ours", "assist"}));
}

class ProxyScenarioTest : public testing::TestWithParam<Scenario> {};

TEST_P(ProxyScenarioTest, ServedDocumentMatchesRecordedScalars) {
  const std::string document = DocumentOf(GetParam());
  StubServer server(stub::Answer(document));
  const TargetSample sample = Take({.base_url = {"", server.url()}});
  ASSERT_EQ(sample.parts.size(), 1U);
  ASSERT_TRUE(sample.parts[0].snapshot.ok()) << sample.parts[0].snapshot.status();
  ExpectRecordedScalars(GetParam(), *sample.parts[0].snapshot);
}

INSTANTIATE_TEST_SUITE_P(Recorded, ProxyScenarioTest, testing::ValuesIn(Scenarios()),
                         [](const auto& scenario) {
                           return std::string(scenario.param.name) + "_" + scenario.param.document;
                         });

TEST(ProxySource, ReadsBothServicesWithConfiguredHeaders) {
  StubServer ingress(stub::Answer(ReadScenario("steady/ingress_system.json")));
  StubServer proc(stub::Answer(ReadScenario("steady/system.json")));
  ProxySourceOptions config = ConfigFor(ingress, proc);
  config.headers = {{"X-Team", "a"}};
  config.header_name = "Authorization";
  config.header_value = "Bearer one";
  const auto source = MakeProxySource(config, {.tenant = "t", .project = "p"}, absl::Minutes(1));
  const TargetSample sample = source->Collect(kNow, kPlenty).at(0);
  EXPECT_EQ(sample.target, (Target{"t", "p"}));
  ASSERT_EQ(sample.parts.size(), 2U);
  EXPECT_EQ(sample.parts[0].source, "ingress");
  EXPECT_EQ(sample.parts[0].service, Service::kIngress);
  EXPECT_EQ(sample.parts[1].source, "proc");
  EXPECT_EQ(sample.parts[1].service, Service::kProc);
  for (const SourceSample& part : sample.parts) EXPECT_TRUE(part.snapshot.ok());
  EXPECT_EQ(ingress.Requests().at(0).target, "/monitoring/system");
  EXPECT_EQ(proc.Requests().at(0).target, "/base/monitoring/system");
  for (const StubServer* server : {&ingress, &proc}) {
    EXPECT_EQ(server->Requests().at(0).Header("x-team"), "a");
    EXPECT_EQ(server->Requests().at(0).Header("authorization"), "Bearer one");
  }
}

TEST(ProxySource, ReloadsTheHeaderValueFile) {
  StubServer server(stub::Answer(ReadScenario("idle/system.json")));
  const TempFolder folder;
  const auto source = MakeProxySource({.base_url = {"", server.url()},
                                       .header_name = "X-Token",
                                       .header_value_file = folder.Path("token")},
                                      {}, absl::Minutes(1));
  EXPECT_EQ(KindOf(source->Collect(kNow, kPlenty).at(0).parts.at(0).snapshot.status()),
            ErrorKind::kAuth);
  EXPECT_TRUE(server.Requests().empty());
  for (const char* token : {"one", "two"}) {
    folder.Write("token", token);
    EXPECT_TRUE(source->Collect(kNow, kPlenty).at(0).parts.at(0).snapshot.ok());
    EXPECT_EQ(server.Requests().back().Header("x-token"), token);
  }
}

struct PartFault {
  const char* name;
  StubBehaviour behaviour;
  ErrorKind kind;
};

const std::vector<PartFault>& PartFaults() {
  using enum ErrorKind;
  static const std::vector<PartFault> faults = {
      {"Hanging", stub::Hang(), kTimeout},
      {"Dripping", stub::Drip(absl::Seconds(1)), kTimeout},
      {"Unauthorized", stub::Status(401), kAuth},
      {"ServerError", stub::Status(500), kHttp},
      {"Truncated", stub::TruncatedBody("{"), kTruncated},
      {"Gibibyte", stub::EndlessBody(true), kTooLarge},
      {"GzipBomb", stub::GzipBomb(), kTooLarge},
      {"NotHttp", stub::Raw("hello\r\n"), kProtocol},
      {"TruncatedJson", stub::Answer(R"({"components": {)"), kParse},
      {"EmptyBody", stub::Answer(""), kParse},
      {"NotJson", stub::Answer("<html></html>"), kParse},
      {"WrongShape", stub::Answer("[1]"), kSchema},
      {"OtherJson", stub::Answer(R"({"status": "ok"})"), kSchema},
  };
  return faults;
}

void PrintTo(const PartFault& fault, std::ostream* out) { *out << fault.name; }

class PartFaultTest : public testing::TestWithParam<PartFault> {};

TEST_P(PartFaultTest, FailedServiceDoesNotAffectTheOther) {
  StubServer ingress(GetParam().behaviour);
  StubServer proc(stub::Answer(ReadScenario("steady/system.json")));
  const auto start = std::chrono::steady_clock::now();
  const TargetSample sample = Take(ConfigFor(ingress, proc), absl::Seconds(2));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(2900));
  ASSERT_EQ(sample.parts.size(), 2U);
  const absl::Status& failure = sample.parts[0].snapshot.status();
  EXPECT_EQ(ErrorKindName(KindOf(failure)), ErrorKindName(GetParam().kind)) << failure;
  EXPECT_FALSE(sample.parts[0].document);
  EXPECT_TRUE(sample.parts[1].snapshot.ok()) << sample.parts[1].snapshot.status();
}

INSTANTIATE_TEST_SUITE_P(Proxy, PartFaultTest, testing::ValuesIn(PartFaults()),
                         [](const auto& fault) { return std::string(fault.param.name); });

TEST(ProxySource, RefusedConnectionIsConnectError) {
  const TargetSample sample =
      Take({.base_url = {"", "http://127.0.0.1:" + std::to_string(ClosedPort())}});
  EXPECT_EQ(KindOf(sample.parts.at(0).snapshot.status()), ErrorKind::kConnect);
}

TEST(ProxySource, HungServicesShareOneTimeout) {
  StubServer ingress(stub::Hang());
  StubServer proc(stub::Hang());
  const auto start = std::chrono::steady_clock::now();
  Take(ConfigFor(ingress, proc), absl::Milliseconds(600));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(1100));
}

}  // namespace
}  // namespace chatscale
