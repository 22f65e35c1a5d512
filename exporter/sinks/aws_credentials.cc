#include "exporter/sinks/aws_credentials.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "exporter/files/files.h"
#include "exporter/http/http_client.h"
#include "exporter/model/text.h"
#include "exporter/sinks/http_outcome.h"

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
                                                      std::string_view source) {
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto bad = [&](const char* what) {
    return absl::UnavailableError(absl::StrCat(std::string(source), ": ", what));
  };
  if (!object.is_object()) return bad("the response is not a JSON object");
  const std::string code = TextOf(object, "Code");
  if (!code.empty() && code != "Success") return bad("the response is not a success");
  AwsCredentials credentials{.key_id = TextOf(object, "AccessKeyId"),
                             .secret = TextOf(object, "SecretAccessKey"),
                             .session_token = TextOf(object, "Token")};
  if (credentials.key_id.empty() || credentials.secret.empty()) {
    return bad("the response has no AccessKeyId and SecretAccessKey");
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

namespace {

constexpr std::size_t kMaxResponseBytes = std::size_t{64} << 10;
// Timeout: these local services respond at once, or do not exist.
constexpr absl::Duration kMetadataTimeout = absl::Seconds(1);

std::shared_ptr<HttpClient> SmallClient() {
  return std::make_shared<HttpClient>(HttpClientOptions{.max_body_bytes = kMaxResponseBytes});
}

// Body of a 2xx response; errors begin with `source`.
absl::StatusOr<std::string> FetchText(HttpClient& client, const HttpRequest& request,
                                      absl::Duration timeout, std::string_view source) {
  absl::StatusOr<HttpResponse> response =
      client.Exchange(request, std::min(timeout, kMetadataTimeout));
  if (response.ok() && response->status / 100 == 2) return std::move(response->body);
  if (response.ok()) response->body.clear();  // never shown, as it may be secret
  const absl::Status why = HttpOutcome(response);
  // All of these are transient: a role being attached, a service that is starting.
  return absl::UnavailableError(absl::StrCat(std::string(source), ": ", why.message()));
}

}  // namespace

FetchAwsCredentials FromContainer(ContainerCredentials from) {
  return [from = std::move(from),
          client = SmallClient()](absl::Duration timeout) -> absl::StatusOr<AwsCredentials> {
    constexpr std::string_view kSource = "container credentials";
    HttpRequest request{.url = from.url};
    std::string token = from.token;
    if (!from.token_file.empty()) {
      absl::StatusOr<std::string> read = ReadSecretFile(from.token_file);
      if (!read.ok()) return read.status();
      token = *std::move(read);
    }
    if (!token.empty()) request.headers.emplace_back("Authorization", token);
    const absl::StatusOr<std::string> body = FetchText(*client, request, timeout, kSource);
    if (!body.ok()) return body.status();
    return AwsCredentialsFromJson(*body, kSource);
  };
}

FetchAwsCredentials FromInstance(std::string endpoint) {
  return [endpoint = std::move(endpoint),
          client = SmallClient()](absl::Duration timeout) -> absl::StatusOr<AwsCredentials> {
    constexpr std::string_view kSource = "instance metadata";
    const absl::StatusOr<std::string> token = FetchText(
        *client,
        {.method = "PUT",
         .url = endpoint + "/latest/api/token",
         .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}}},
        timeout, "instance metadata returned no token (containers need a hop limit of 2)");
    if (!token.ok()) return token.status();
    if (token->empty() || !IsHeaderValue(*token)) {
      return absl::UnavailableError("instance metadata: the token is empty or no header value");
    }
    const Headers headers = {{"X-aws-ec2-metadata-token", *token}};
    const std::string roles = endpoint + "/latest/meta-data/iam/security-credentials/";
    const absl::StatusOr<std::string> role = FetchText(*client, {.url = roles, .headers = headers},
                                                       timeout, "instance metadata has no role");
    if (!role.ok()) return role.status();
    const std::string name = role->substr(0, role->find_first_of("\r\n"));
    const absl::StatusOr<std::string> body = FetchText(
        *client, {.url = roles + PercentEncoded(name), .headers = headers}, timeout, kSource);
    if (!body.ok()) return body.status();
    return AwsCredentialsFromJson(*body, kSource);
  };
}

namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20;

// "[name]" with any blanks, or "[profile name]" as in the config file.
std::string SectionName(absl::string_view line) {
  absl::string_view name = absl::StripAsciiWhitespace(line.substr(1, line.find(']') - 1));
  constexpr absl::string_view kProfile = "profile ";
  if (name.substr(0, kProfile.size()) == kProfile) name.remove_prefix(kProfile.size());
  return std::string(absl::StripAsciiWhitespace(name));
}

void TakeLine(absl::string_view line, AwsCredentials& credentials) {
  const auto equals = line.find('=');
  if (equals == line.npos) return;
  const absl::string_view name = absl::StripAsciiWhitespace(line.substr(0, equals));
  const std::string value(absl::StripAsciiWhitespace(line.substr(equals + 1)));
  if (name == "aws_access_key_id") credentials.key_id = value;
  if (name == "aws_secret_access_key") credentials.secret = value;
  if (name == "aws_session_token") credentials.session_token = value;
}

}  // namespace

absl::StatusOr<AwsCredentials> AwsCredentialsOfProfile(std::string_view text,
                                                       const std::string& path,
                                                       const std::string& profile) {
  AwsCredentials credentials;
  bool ours = false;
  bool found = false;
  for (const absl::string_view raw :
       absl::StrSplit(absl::string_view(text.data(), text.size()), '\n')) {
    const absl::string_view line = absl::StripAsciiWhitespace(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      ours = SectionName(line) == profile;
      found = found || ours;
    } else if (ours) {
      TakeLine(line, credentials);
    }
  }
  const auto bad = [&](const char* what) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": profile \"", profile, "\" ", what));
  };
  if (!found) return bad("is not there");
  if (credentials.key_id.empty() || credentials.secret.empty()) {
    return bad("has no aws_access_key_id and aws_secret_access_key");
  }
  for (const std::string* part :
       {&credentials.key_id, &credentials.secret, &credentials.session_token}) {
    if (!IsHeaderValue(*part)) return bad("has control characters");
  }
  return credentials;
}

FetchAwsCredentials FromAwsProfile(std::string path, std::string profile) {
  return [path = std::move(path),
          profile = std::move(profile)](absl::Duration) -> absl::StatusOr<AwsCredentials> {
    constexpr absl::Duration kGoodFor = absl::Minutes(6);  // refreshed five minutes before that
    const absl::StatusOr<std::string> text = ReadWholeFile(path, kLargestFile);
    if (!text.ok()) return text.status();
    absl::StatusOr<AwsCredentials> credentials = AwsCredentialsOfProfile(*text, path, profile);
    if (credentials.ok()) credentials->expires = absl::Now() + kGoodFor;
    return credentials;
  };
}

FetchAwsCredentials FetchFrom(const AwsCredentialsOptions& options) {
  if (!options.key_id.empty()) {
    return [credentials = AwsCredentials{options.key_id, options.secret, options.session_token}](
               absl::Duration) { return credentials; };
  }
  std::error_code error;
  if (!options.profile.empty() || std::filesystem::exists(options.credentials_file, error)) {
    return FromAwsProfile(options.credentials_file,
                          options.profile.empty() ? "default" : options.profile);
  }
  const std::string& relative = options.container_relative_uri;
  const std::string url = relative.empty() ? options.container_full_uri : kEcsHost + relative;
  if (!url.empty()) {
    return FromContainer({url, options.container_token, options.container_token_file});
  }
  return FromInstance(options.metadata_endpoint);
}

}  // namespace chatscale
