#include "exporter/sinks/aws_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "tests/support/aws_metadata.h"
#include "tests/support/stub_behaviours.h"

namespace chatscale {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr absl::Duration kAwsTimeout = absl::Seconds(10);
const AwsAccount kAccount{.token = "session+/=token"};

std::string MessageOf(const absl::StatusOr<AwsCredentials>& credentials) {
  return std::string(credentials.status().message());
}

bool IsAccount(const absl::StatusOr<AwsCredentials>& credentials) {
  EXPECT_TRUE(credentials.ok()) << credentials.status();
  return credentials.ok() && credentials->key_id == kAccount.key_id &&
         credentials->secret == kAccount.secret && credentials->session_token == kAccount.token;
}

TEST(AwsCredentialSource, RefreshesBeforeExpiry) {
  const absl::Time start = absl::FromUnixSeconds(1'700'000'000);
  int asked = 0;
  bool there = true;
  AwsCredentialSource source([&](absl::Duration) -> absl::StatusOr<AwsCredentials> {
    ++asked;
    if (!there) return absl::UnavailableError("gone");
    return AwsCredentials{std::to_string(asked), "s", "", start + asked * absl::Hours(1)};
  });
  const auto key_at = [&](absl::Duration later) {
    const auto credentials = source.Get(start + later, kAwsTimeout);
    return credentials.ok() ? credentials->key_id : MessageOf(credentials);
  };
  EXPECT_EQ(key_at(absl::ZeroDuration()), "1");
  EXPECT_EQ(key_at(absl::Minutes(54)), "1");
  EXPECT_EQ(asked, 1);
  there = false;
  EXPECT_EQ(key_at(absl::Minutes(55)), "1") << "good for five minutes more";
  EXPECT_EQ(key_at(absl::Minutes(59)), "1");
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(key_at(absl::Minutes(60)), "gone");
  there = true;
  EXPECT_EQ(key_at(absl::Minutes(61)), "5");
  EXPECT_EQ(key_at(absl::Minutes(90)), "5");
  source.Forget();
  EXPECT_EQ(key_at(absl::Minutes(90)), "6");
}

TEST(AwsCredentialsFromJson, ParsesMetadataServiceResponses) {
  const auto credentials =
      AwsCredentialsFromJson(CredentialsJson(kAccount, "2026-11-27T10:00:00Z"), "agent");
  EXPECT_TRUE(IsAccount(credentials));
  EXPECT_EQ(credentials->expires, absl::FromUnixSeconds(1795773600));
  EXPECT_EQ(AwsCredentialsFromJson(CredentialsJson(kAccount), "agent")->expires,
            absl::InfiniteFuture());
  struct Row {
    const char* json;
    const char* why;
  };
  for (const Row& row :
       {Row{"", "not a JSON object"},
        {"[1]", "not a JSON object"},
        {"{", "not a JSON object"},
        {"{}", "has no AccessKeyId"},
        {R"({"AccessKeyId":"canary","SecretAccessKey":1})", "has no AccessKeyId"},
        {R"({"Code":"AssumeRoleUnauthorizedAccess"})", "not a success"},
        {R"({"AccessKeyId":"a","SecretAccessKey":"canary\nHost: x"})", "control characters"},
        {R"({"AccessKeyId":"a","SecretAccessKey":"canary","Expiration":"soon"})", "not a time"}}) {
    const std::string said = MessageOf(AwsCredentialsFromJson(row.json, "agent"));
    EXPECT_THAT(said, HasSubstr(row.why)) << row.json;
    EXPECT_THAT(said, HasSubstr("agent: "));
    EXPECT_THAT(said, Not(HasSubstr("canary")));
  }
}

TEST(AwsProfile, IsReadFromTheSharedFile) {
  TempFolder folder;
  const std::string path = folder.Write("credentials", R"(# comment
[default]
aws_access_key_id = OTHER
aws_secret_access_key=other

 [ profile prod ]
; comment
region = eu-west-1
aws_access_key_id=AKIDEXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
aws_session_token = session+/=token
[empty]
aws_access_key_id = canary
)");
  EXPECT_TRUE(IsAccount(FromAwsProfile(path, "prod")(kAwsTimeout)));
  EXPECT_EQ(FromAwsProfile(path, "default")(kAwsTimeout)->key_id, "OTHER");
  EXPECT_EQ(FromAwsProfile(path, "default")(kAwsTimeout)->session_token, "");
  EXPECT_EQ(MessageOf(FromAwsProfile(path, "gone")(kAwsTimeout)),
            path + ": profile \"gone\" is not there");
  const std::string empty = MessageOf(FromAwsProfile(path, "empty")(kAwsTimeout));
  EXPECT_THAT(empty, HasSubstr("has no aws_access_key_id and aws_secret_access_key"));
  EXPECT_THAT(empty, Not(HasSubstr("canary")));
  EXPECT_THAT(MessageOf(FromAwsProfile("/gone", "prod")(kAwsTimeout)), HasSubstr("/gone"));
  // Replaced while we run: noticed after a minute.
  AwsCredentialSource source(FromAwsProfile(path, "prod"));
  EXPECT_TRUE(IsAccount(source.Get(absl::Now(), kAwsTimeout)));
  folder.Write("credentials", "[prod]\naws_access_key_id=NEW\naws_secret_access_key=new\n");
  EXPECT_EQ(source.Get(absl::Now(), kAwsTimeout)->key_id, kAccount.key_id);
  EXPECT_EQ(source.Get(absl::Now() + absl::Seconds(61), kAwsTimeout)->key_id, "NEW");
}

TEST(ContainerCredentials, SendTheCurrentAuthorizationToken) {
  StubServer agent(ContainerAgent("/v2/credentials/1", "", CredentialsJson(kAccount)));
  EXPECT_TRUE(IsAccount(FromContainer({agent.url() + "/v2/credentials/1", "", ""})(kAwsTimeout)));
  EXPECT_THAT(MessageOf(FromContainer({agent.url() + "/other", "", ""})(kAwsTimeout)),
              HasSubstr("container credentials: HTTP status 401"));
  TempFolder folder;
  const std::string file = folder.Write("token", "canary-1\n");
  const FetchAwsCredentials fetch = FromContainer({agent.url() + "/c", "", file});
  agent.SetBehaviour(ContainerAgent("/c", "canary-1", CredentialsJson(kAccount)));
  EXPECT_TRUE(IsAccount(fetch(kAwsTimeout)));
  agent.SetBehaviour(ContainerAgent("/c", "canary-2", CredentialsJson(kAccount)));
  EXPECT_THAT(MessageOf(fetch(kAwsTimeout)), Not(HasSubstr("canary")));
  folder.Write("token", "canary-2\n");
  EXPECT_TRUE(IsAccount(fetch(kAwsTimeout)));
  EXPECT_TRUE(IsAccount(FromContainer({agent.url() + "/c", "canary-2", ""})(kAwsTimeout)));
  EXPECT_THAT(MessageOf(FromContainer({agent.url() + "/c", "", "/gone"})(kAwsTimeout)),
              HasSubstr("/gone"));
}

TEST(InstanceCredentials, RequestAnImdsV2TokenFirst) {
  StubServer metadata(InstanceMetadata(CredentialsJson(kAccount)));
  EXPECT_TRUE(IsAccount(FromInstance(metadata.url())(kAwsTimeout)));
  ASSERT_EQ(metadata.Requests().size(), 3);
  EXPECT_EQ(metadata.Requests()[0].method, "PUT");
  metadata.SetBehaviour(stub::Status(403));
  EXPECT_THAT(MessageOf(FromInstance(metadata.url())(kAwsTimeout)), HasSubstr("hop limit"));
  metadata.SetBehaviour(InstanceMetadata("canary"));
  EXPECT_EQ(MessageOf(FromInstance(metadata.url())(kAwsTimeout)),
            "instance metadata: the response is not a JSON object");
}

TEST(InstanceCredentials, FailFastWhenMetadataServiceHangs) {
  StubServer metadata(stub::Hang());
  const absl::Time begun = absl::Now();
  const absl::StatusOr<AwsCredentials> nobody = FromInstance(metadata.url())(kAwsTimeout);
  EXPECT_TRUE(absl::IsUnavailable(nobody.status())) << nobody.status();
  EXPECT_LT(absl::Now() - begun, absl::Seconds(5));
}

}  // namespace
}  // namespace chatscale
