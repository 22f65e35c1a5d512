#include "exporter/sinks/pushgateway_sink.h"

#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "exporter/files/files.h"
#include "exporter/metrics/text_format.h"
#include "exporter/model/text.h"
#include "exporter/sinks/http_outcome.h"
#include "exporter/sinks/sink_families.h"

namespace chatscale {
namespace {

void AppendPair(std::string_view name, std::string_view value, std::string& path) {
  const bool plain = !value.empty() && value.find('/') == std::string_view::npos && value != "." &&
                     value != "..";  // which would be resolved
  std::string coded;
  absl::WebSafeBase64Escape({value.data(), value.size()}, &coded);
  // An empty part of a path may be swallowed on its way; one padding character stands for it.
  path += absl::StrCat("/", std::string(name), plain ? "/" : "@base64/",
                       plain           ? PercentEncoded(value)
                       : coded.empty() ? "="
                                       : coded);
}

}  // namespace

std::string PushgatewayPath(std::string_view job,
                            const std::vector<std::pair<std::string, std::string>>& grouping) {
  std::string path = "/metrics";
  AppendPair("job", job, path);
  for (const auto& [name, value] : grouping) AppendPair(name, value, path);
  return path;
}

PushgatewaySink::PushgatewaySink(PushgatewayOptions options)
    : options_(std::move(options)),
      url_(options_.url + PushgatewayPath(options_.job, options_.grouping)),
      client_(options_.http) {}

absl::Status PushgatewaySink::Deliver(const Publication& publication, absl::Duration timeout) {
  return Send("PUT", ChatFamilies(publication), timeout);
}

absl::Status PushgatewaySink::End(absl::Duration timeout) {
  return options_.delete_at_end ? Send("DELETE", "", timeout) : absl::OkStatus();
}

absl::Status PushgatewaySink::Send(std::string method, std::string body, absl::Duration timeout) {
  HttpRequest request{.method = std::move(method), .url = url_, .body = std::move(body)};
  if (!request.body.empty()) request.headers.emplace_back("Content-Type", kTextFormatContentType);
  std::vector<std::string> secrets = {"Basic "};
  if (!options_.password_file.empty()) {
    const absl::StatusOr<std::string> password = ReadSecretFile(options_.password_file);
    if (!password.ok()) return password.status();
    secrets.push_back(*password);
    request.headers.emplace_back("Authorization", "Basic " + absl::Base64Escape(absl::StrCat(
                                                                 options_.user, ":", *password)));
  }
  return HttpOutcome(client_.Exchange(request, timeout), secrets);
}

}  // namespace chatscale
