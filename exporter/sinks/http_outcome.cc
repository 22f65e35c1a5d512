#include "exporter/sinks/http_outcome.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "exporter/metrics/families.h"
#include "exporter/model/clock.h"
#include "exporter/model/error_kind.h"

namespace chatscale {

namespace {

// First line only, sanitized; the body may be long or hostile.
std::string WordsOf(const std::string& body, const std::vector<std::string>& secrets) {
  constexpr std::size_t kMost = 200;
  const std::string line = body.substr(0, body.find('\n'));
  const auto repeated = [&](const std::string& secret) {
    return !secret.empty() && line.find(secret) != line.npos;
  };
  if (std::ranges::any_of(secrets, repeated)) return "";
  return LabelValue(line, kMost);
}

}  // namespace

absl::Status HttpOutcome(const absl::StatusOr<HttpResponse>& response,
                         const std::vector<std::string>& secrets) {
  if (!response.ok()) {
    const absl::string_view why = response.status().message();
    if (KindOf(response.status()) == ErrorKind::kInternal) return absl::InvalidArgumentError(why);
    return absl::UnavailableError(why);
  }
  const int status = response->status;
  if (status / 100 == 2) return absl::OkStatus();
  const std::string text = absl::StrCat("HTTP status ", status);
  if (status == 408 || status == 429 || status / 100 == 5) return absl::UnavailableError(text);
  const bool ours = status == 400 || status == 422;
  const std::string words = ours ? WordsOf(response->body, secrets) : "";
  return absl::InvalidArgumentError(words.empty() ? text : absl::StrCat(text, ": ", words));
}

absl::Status Parts::Deliver(std::shared_ptr<const View> view, const std::vector<std::string>& parts,
                            absl::Duration timeout, const Send& send) {
  const Stopwatch begun;
  if (view_ != view) arrived_ = 0;
  view_ = std::move(view);
  for (; arrived_ < parts.size(); ++arrived_) {
    const absl::Duration left = timeout - begun.Elapsed();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError("not all of it arrived in time");
    }
    absl::Status sent = send(parts[arrived_], left);
    if (!sent.ok()) return sent;
  }
  view_ = nullptr;
  return absl::OkStatus();
}

}  // namespace chatscale
