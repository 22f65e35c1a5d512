#include "exporter/sources/proxy_source.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "exporter/sources/document_source.h"

namespace chatscale {
namespace {

constexpr const char* kPath = "/monitoring/system";

// Removes duplicate names (case-insensitive): the later one, and the credential's header, wins.
Headers EachOnce(const ProxySourceOptions& options) {
  Headers once;
  for (const auto& header : options.headers) {
    const auto same = [&](const std::string& name) {
      return absl::EqualsIgnoreCase(name, header.first);
    };
    std::erase_if(once, [&](const auto& earlier) { return same(earlier.first); });
    if (!same(options.header_name)) once.push_back(header);
  }
  return once;
}

// Each service has its own client, so that neither waits for the other's connection.
DocumentPart PartOf(Service service, const std::string& base_url, const HttpClientOptions& http,
                    std::shared_ptr<HeaderSource> headers) {
  auto client = std::make_shared<HttpClient>(http);
  auto fetch = [client, headers = std::move(headers), url = base_url + kPath](
                   absl::Time, absl::Duration timeout) -> absl::StatusOr<std::string> {
    const absl::StatusOr<Headers> next = headers->Next();
    if (!next.ok()) return next.status();
    absl::StatusOr<HttpResponse> response = client->Get(url, *next, timeout);
    if (!response.ok()) return response.status();
    return std::move(response->body);
  };
  return {.source = NameOf(service), .service = service, .fetch = std::move(fetch)};
}

}  // namespace

std::unique_ptr<SnapshotSource> MakeProxySource(
    const ProxySourceOptions& options, const Target& target, absl::Duration longest_wait,
    std::function<void(const absl::Status&)> on_credential_change) {
  HeaderSourceOptions header_options{.fixed = EachOnce(options),
                                     .on_change = std::move(on_credential_change)};
  if (!options.header_value_file.empty()) {
    header_options.file_header = options.header_name;
    header_options.value_file = options.header_value_file;
  } else if (!options.header_name.empty()) {
    header_options.fixed.emplace_back(options.header_name, options.header_value);
  }
  const auto headers = std::make_shared<HeaderSource>(std::move(header_options));
  std::vector<DocumentPart> parts;
  for (const Service service : kServices) {
    if (options.base_url[service].empty()) continue;
    parts.push_back(PartOf(service, options.base_url[service], options.http, headers));
  }
  return std::make_unique<DocumentSource>(target, std::move(parts), longest_wait);
}

}  // namespace chatscale
