#include "exporter/sinks/text_sinks.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "exporter/files/files.h"
#include "exporter/metrics/families.h"
#include "exporter/metrics/text_format.h"
#include "exporter/model/text.h"
#include "exporter/sinks/http_outcome.h"

namespace chatscale {

std::string ChatFamilies(const Publication& publication) {
  std::string text;
  const View& view = *publication.view;
  EachFamily(view, view.built_at, publication.options, Rows::kAll,
             [&](const PublishedFamily& family) {
               if (family.as->row->name.starts_with("chat.")) {
                 TextSerializer::Append(family.data, text);
               }
             });
  return text;
}

namespace {

std::optional<absl::Time> TimeOf(const MetricRow& row, const TargetView& target, bool demo) {
  if (!row.IsObserved() || demo) return target.built_at;
  if (row.name.starts_with("chat.ingress.")) return target.at.ingress;
  if (row.name.starts_with("chat.proc.")) return target.at.proc;
  return std::max(target.at.ingress, target.at.proc);  // of both services; nullopt compares as less
}

}  // namespace

void EachTimedFamily(const Publication& publication, const TargetView& target,
                     const std::function<void(const PublishedFamily&, absl::Time)>& take) {
  View one;
  one.mode = publication.view->mode;
  one.built_at = publication.view->built_at;
  one.targets = {target};
  const bool demo = one.mode == "demo";
  FamilyOptions options = publication.options;
  options.self = nullptr;
  EachFamily(one, one.built_at, options, Rows::kAll, [&](const PublishedFamily& family) {
    if (const auto at = TimeOf(*family.as->row, target, demo)) take(family, *at);
  });
}

namespace {

void AppendPair(std::string_view name, std::string_view value, std::string& path) {
  const bool plain = !value.empty() && value.find('/') == std::string_view::npos && value != "." &&
                     value != "..";  // which a client or proxy would resolve
  std::string coded;
  absl::WebSafeBase64Escape({value.data(), value.size()}, &coded);
  // Proxies may drop an empty path segment; one padding character stands for an empty value.
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

absl::Status TextfileSink::Deliver(const Publication& publication, absl::Duration /*timeout*/) {
  constexpr mode_t kReadableByAll = 0644;  // node_exporter runs as another user
  return ReplaceFile(path_, ChatFamilies(publication), kReadableByAll);
}

absl::Status TextfileSink::End(absl::Duration /*timeout*/) {
  if (::unlink(path_.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return absl::UnavailableError("cannot remove " + path_ + ": " + std::strerror(errno));
}

}  // namespace chatscale
