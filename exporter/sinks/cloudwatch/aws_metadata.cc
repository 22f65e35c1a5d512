#include "exporter/sinks/cloudwatch/aws_metadata.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "exporter/files/read_file.h"
#include "exporter/http/http_client.h"
#include "exporter/model/text.h"
#include "exporter/sinks/http_outcome.h"

namespace chatscale {
namespace {

constexpr std::size_t kLargestAnswer = std::size_t{64} << 10;
// They answer at once, or are not there.
constexpr absl::Duration kPatience = absl::Seconds(1);

std::shared_ptr<HttpClient> SmallClient() {
  return std::make_shared<HttpClient>(HttpClientOptions{.max_body_bytes = kLargestAnswer});
}

// The body of a 2xx; errors begin with `whose`.
absl::StatusOr<std::string> Ask(HttpClient& client, const HttpRequest& request,
                                absl::Duration timeout, std::string_view whose) {
  absl::StatusOr<HttpAnswer> answer = client.Exchange(request, std::min(timeout, kPatience));
  if (answer.ok() && answer->status / 100 == 2) return std::move(answer->body);
  if (answer.ok()) answer->body.clear();  // nothing of it is shown
  const absl::Status why = HttpOutcome(answer);
  // All of these may pass: a role that is just being attached, a service that is starting.
  return absl::UnavailableError(absl::StrCat(std::string(whose), ": ", why.message()));
}

}  // namespace

FetchAwsCredentials FromContainer(ContainerCredentials from) {
  return [from = std::move(from),
          client = SmallClient()](absl::Duration timeout) -> absl::StatusOr<AwsCredentials> {
    constexpr std::string_view kWhose = "container credentials";
    HttpRequest request{.url = from.url};
    std::string token = from.token;
    if (!from.token_file.empty()) {
      absl::StatusOr<std::string> read = ReadSecretFile(from.token_file);
      if (!read.ok()) return read.status();
      token = *std::move(read);
    }
    if (!token.empty()) request.headers.emplace_back("Authorization", token);
    const absl::StatusOr<std::string> body = Ask(*client, request, timeout, kWhose);
    if (!body.ok()) return body.status();
    return AwsCredentialsFromJson(*body, kWhose);
  };
}

FetchAwsCredentials FromInstance(std::string endpoint) {
  return [endpoint = std::move(endpoint),
          client = SmallClient()](absl::Duration timeout) -> absl::StatusOr<AwsCredentials> {
    constexpr std::string_view kWhose = "instance metadata";
    const absl::StatusOr<std::string> token = Ask(
        *client,
        {.method = "PUT",
         .url = endpoint + "/latest/api/token",
         .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}}},
        timeout, "instance metadata gives no token (to a container with a hop limit of 2 only)");
    if (!token.ok()) return token.status();
    if (token->empty() || !IsHeaderValue(*token)) {
      return absl::UnavailableError("instance metadata: the token is none");
    }
    const Headers headers = {{"X-aws-ec2-metadata-token", *token}};
    const std::string roles = endpoint + "/latest/meta-data/iam/security-credentials/";
    const absl::StatusOr<std::string> role = Ask(*client, {.url = roles, .headers = headers},
                                                 timeout, "instance metadata knows no role");
    if (!role.ok()) return role.status();
    const std::string name = role->substr(0, role->find_first_of("\r\n"));
    const absl::StatusOr<std::string> body =
        Ask(*client, {.url = roles + PercentEncoded(name), .headers = headers}, timeout, kWhose);
    if (!body.ok()) return body.status();
    return AwsCredentialsFromJson(*body, kWhose);
  };
}

}  // namespace chatscale
