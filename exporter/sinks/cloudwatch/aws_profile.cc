#include "exporter/sinks/cloudwatch/aws_profile.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "exporter/files/read_file.h"
#include "exporter/model/text.h"

namespace chatscale {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20;

// "[name]", with blanks anywhere, and as in the config file "[profile name]".
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
    constexpr absl::Duration kGoodFor = absl::Minutes(6);  // asked for again after one of them
    const absl::StatusOr<std::string> text = ReadWholeFile(path, kLargestFile);
    if (!text.ok()) return text.status();
    absl::StatusOr<AwsCredentials> credentials = AwsCredentialsOfProfile(*text, path, profile);
    if (credentials.ok()) credentials->expires = absl::Now() + kGoodFor;
    return credentials;
  };
}

}  // namespace chatscale
