#include "exporter/sinks/cloudwatch/cloudwatch_sink.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "exporter/metrics/exposition.h"
#include "exporter/model/clock.h"
#include "exporter/sinks/cloudwatch/put_metric_data.h"
#include "exporter/sinks/http_outcome.h"

namespace chatscale {
namespace {

// "Throttling" of "<Code>Throttling</Code>". Of the message nothing is shown: where a signature is
// wrong it quotes what was signed, and that holds the session token.
std::string ErrorCode(std::string_view body) {
  constexpr std::string_view kOpen = "<Code>";
  constexpr std::size_t kLongest = 64;
  const auto at = body.find(kOpen);
  if (at == body.npos) return "";
  const std::string_view rest = body.substr(at + kOpen.size(), kLongest);
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.';
  };
  return {rest.begin(), std::ranges::find_if_not(rest, letter)};
}

// Of a session's credentials.
bool IsExpired(std::string_view code) { return code.starts_with("ExpiredToken"); }

absl::Status Outcome(const absl::StatusOr<HttpAnswer>& answer, const std::string& code) {
  if (!answer.ok() || answer->status / 100 != 4 || answer->status == 429) {
    return HttpOutcome(answer);
  }
  const std::string text =
      absl::StrCat("HTTP status ", answer->status, code.empty() ? "" : ": " + code);
  // AWS refuses with 400 who asks too often.
  if (code.find("Throttl") != code.npos) return absl::ResourceExhaustedError(text);
  // The next try has newer credentials, or another time.
  if (IsExpired(code) || code == "RequestExpired") return absl::UnavailableError(text);
  return absl::InvalidArgumentError(text);
}

}  // namespace

std::string EndpointOfRegion(std::string_view region) {
  return absl::StrCat("https://monitoring.", std::string(region), ".amazonaws.com",
                      region.starts_with("cn-") ? ".cn" : "");
}

CloudWatchSink::CloudWatchSink(CloudWatchOptions options, FetchAwsCredentials credentials)
    : options_(std::move(options)),
      endpoint_(options_.endpoint.empty() ? EndpointOfRegion(options_.region) : options_.endpoint),
      credentials_(std::move(credentials)) {}

absl::Status CloudWatchSink::Deliver(const Publication& publication, absl::Duration timeout) {
  const std::vector<std::string> forms = PutMetricDataForms(
      options_.name_space, MetricDataOf(publication, options_.dimensions, options_.name_targets),
      options_.high_resolution);
  return parts_.Deliver(
      publication.view, forms, timeout,
      [this](const std::string& form, absl::Duration left) { return SignAndSend(form, left); });
}

absl::Status CloudWatchSink::SignAndSend(const std::string& form, absl::Duration timeout) {
  const Stopwatch begun;
  const absl::StatusOr<AwsCredentials> credentials = credentials_.Get(absl::Now(), timeout);
  if (!credentials.ok()) return credentials.status();
  const absl::Duration left = std::max(absl::ZeroDuration(), timeout - begun.Elapsed());
  const absl::StatusOr<HttpAnswer> answer = client_.Exchange(Signed(*credentials, form), left);
  const std::string code = answer.ok() ? ErrorCode(answer->body) : "";
  if (IsExpired(code)) credentials_.Forget();
  return Outcome(answer, code);
}

HttpRequest CloudWatchSink::Signed(const AwsCredentials& credentials,
                                   const std::string& form) const {
  constexpr std::size_t kWorthCompressing = 1024;
  HttpRequest request{.method = "POST", .url = endpoint_ + "/"};
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  if (!credentials.session_token.empty()) {
    request.headers.emplace_back("X-Amz-Security-Token", credentials.session_token);
  }
  if (form.size() > kWorthCompressing) {
    request.headers.emplace_back("Content-Encoding", "gzip");
    request.body = Gzip(form);
  } else {
    request.body = form;
  }
  request.aws = AwsSignature{options_.region, "monitoring", credentials.key_id, credentials.secret};
  return request;
}

}  // namespace chatscale
