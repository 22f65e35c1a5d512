#include "tests/support/aws_metadata.h"

#include "tests/support/stub_behaviours.h"

namespace chatscale {
namespace {

using nlohmann::json;

constexpr const char* kToken = "canary-imds-token==";

}  // namespace

std::string CredentialsJson(const AwsAccount& account, const std::string& expiration) {
  json described = {{"Code", "Success"},
                    {"AccessKeyId", account.key_id},
                    {"SecretAccessKey", account.secret},
                    {"Token", account.token}};
  if (!expiration.empty()) described["Expiration"] = expiration;
  return described.dump();
}

StubBehaviour ContainerAgent(std::string path, std::string authorization, std::string text) {
  return [=](const StubRequest& request, StubConnection& connection) {
    const bool known = request.method == "GET" && request.target == path &&
                       request.Header("authorization").value_or("") == authorization;
    return (known ? stub::Answer(text) : stub::Status(401))(request, connection);
  };
}

StubBehaviour InstanceMetadata(std::string text) {
  return [=](const StubRequest& request, StubConnection& connection) {
    const std::string roles = "/latest/meta-data/iam/security-credentials/";
    const bool token = request.Header("x-aws-ec2-metadata-token").value_or("") == kToken;
    StubBehaviour answer = stub::Status(401);
    if (request.method == "PUT" && request.target == "/latest/api/token" &&
        request.Header("x-aws-ec2-metadata-token-ttl-seconds").has_value()) {
      answer = stub::Answer(kToken);
    } else if (token && request.target == roles) {
      answer = stub::Answer("chat/role 1\nanother");
    } else if (token && request.target == roles + "chat%2Frole%201") {
      answer = stub::Answer(text);
    }
    return answer(request, connection);
  };
}

}  // namespace chatscale
