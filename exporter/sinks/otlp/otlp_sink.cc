#include "exporter/sinks/otlp/otlp_sink.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/families.h"
#include "exporter/sinks/http_outcome.h"

namespace chatscale {
namespace {

using nlohmann::json;

constexpr std::string_view kPath = "/v1/metrics";

OtlpOptions Completed(OtlpOptions options) {
  options.resource = WithService(std::move(options.resource));
  return options;
}

// Numbers are text in this encoding; some write them as numbers all the same.
std::int64_t WholeNumberOf(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return 0;
  if (found->is_number_integer()) return found->get<std::int64_t>();
  std::int64_t number = 0;
  if (found->is_string() && absl::SimpleAtoi(found->get<std::string>(), &number)) return number;
  return 0;
}

// OK unless data points were rejected. A message alone is a warning.
absl::Status Rejected(const std::string& body) {
  constexpr std::size_t kLongest = 200;
  const json answer = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object()) return absl::OkStatus();
  const auto partial = answer.find("partialSuccess");
  if (partial == answer.end() || !partial->is_object()) return absl::OkStatus();
  const std::int64_t count = WholeNumberOf(*partial, "rejectedDataPoints");
  if (count <= 0) return absl::OkStatus();
  const auto why = partial->find("errorMessage");
  const std::string words =
      why != partial->end() && why->is_string() ? why->get<std::string>() : "no reason given";
  return absl::InvalidArgumentError(
      absl::StrCat(count, " data points rejected: ", LabelValue(words, kLongest)));
}

}  // namespace

OtlpSink::OtlpSink(OtlpOptions options)
    : options_(Completed(std::move(options))),
      url_(options_.endpoint.ends_with(kPath)
               ? options_.endpoint
               : absl::StrCat(options_.endpoint, std::string(kPath))),
      client_(options_.http) {}

absl::Status OtlpSink::Deliver(const Publication& publication, absl::Duration timeout) {
  rejected_ = absl::OkStatus();
  absl::Status delivered = parts_.Deliver(
      publication.view, OtlpRequests(publication, options_.resource), timeout,
      [this](const std::string& part, absl::Duration left) { return Send(part, left); });
  return delivered.ok() ? rejected_ : delivered;
}

absl::Status OtlpSink::Send(const std::string& body, absl::Duration timeout) {
  HttpRequest request{.method = "POST", .url = url_, .headers = options_.headers};
  request.headers.emplace_back("Content-Type", "application/json");
  if (options_.compress) {
    request.headers.emplace_back("Content-Encoding", "gzip");
    request.body = Gzip(body);
  } else {
    request.body = body;
  }
  const absl::StatusOr<HttpAnswer> answer = client_.Exchange(request, timeout);
  // Other statuses must not be sent again: OTLP specification, "OTLP/HTTP Response".
  if (answer.ok() && answer->status / 100 == 5 && (answer->status < 502 || answer->status > 504)) {
    return absl::InvalidArgumentError(absl::StrCat("HTTP status ", answer->status));
  }
  absl::Status outcome = HttpOutcome(answer);
  if (outcome.ok()) rejected_.Update(Rejected(answer->body));
  return outcome;
}

}  // namespace chatscale
