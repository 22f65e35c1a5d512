#include "exporter/sinks/cloudwatch/aws_credentials.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "exporter/model/text.h"

namespace chatscale {
namespace {

using nlohmann::json;

constexpr absl::Duration kRefreshBefore = absl::Minutes(5);

std::string TextOf(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

absl::StatusOr<AwsCredentials> AwsCredentialSource::Get(absl::Time now, absl::Duration timeout) {
  if (now < kept_.expires - kRefreshBefore) return kept_;
  absl::StatusOr<AwsCredentials> fetched = fetch_(timeout);
  if (fetched.ok()) {
    kept_ = *fetched;
  } else if (now >= kept_.expires) {
    return fetched.status();
  }
  return kept_;
}

absl::StatusOr<AwsCredentials> AwsCredentialsFromJson(std::string_view text,
                                                      std::string_view whose) {
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto bad = [&](const char* what) {
    return absl::UnavailableError(absl::StrCat(std::string(whose), ": ", what));
  };
  if (!object.is_object()) return bad("the answer is not a JSON object");
  const std::string code = TextOf(object, "Code");
  if (!code.empty() && code != "Success") return bad("the answer is not a success");
  AwsCredentials credentials{.key_id = TextOf(object, "AccessKeyId"),
                             .secret = TextOf(object, "SecretAccessKey"),
                             .session_token = TextOf(object, "Token")};
  if (credentials.key_id.empty() || credentials.secret.empty()) {
    return bad("the answer has no AccessKeyId and SecretAccessKey");
  }
  for (const std::string* part :
       {&credentials.key_id, &credentials.secret, &credentials.session_token}) {
    if (!IsHeaderValue(*part)) return bad("the credentials have control characters");
  }
  const std::string expiration = TextOf(object, "Expiration");
  std::string why;
  if (!expiration.empty() &&
      !absl::ParseTime(absl::RFC3339_full, expiration, &credentials.expires, &why)) {
    return bad("Expiration is not a time");
  }
  return credentials;
}

}  // namespace chatscale
