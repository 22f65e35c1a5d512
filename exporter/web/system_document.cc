#include "exporter/web/system_document.h"

#include <nlohmann/json.hpp>

namespace chatscale {
namespace {

constexpr int kOk = 200;
constexpr int kBadGateway = 502;

std::string ErrorJson(const char* key, const std::string& message) {
  return nlohmann::json({{key, message}})
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The source that answers for `service`.
const SourceHealth* SourceOf(const TargetView& target, Service service) {
  for (const SourceHealth& health : target.sources) {
    if (health.source != NameOf(TheOther(service))) return &health;
  }
  return nullptr;
}

struct DocumentRead {
  int status = kOk;
  std::string text;  // the document, or the error's message
};

DocumentRead ReadOf(const TargetView& target, Service service) {
  const SourceHealth* health = SourceOf(target, service);
  if (health == nullptr) {
    return {400, std::string("no base URL is configured for ") + NameOf(service)};
  }
  const DocumentText& document = target.document[service];
  if (health->up && document) return {kOk, document()};
  const std::string message = health->error.empty() ? "nothing collected yet" : health->error;
  return {health->http_status.value_or(kBadGateway), message};
}

}  // namespace

SystemAnswer SystemDocument(const TargetView& target, Service service) {
  DocumentRead read = ReadOf(target, service);
  if (read.status == kOk) return {kOk, std::move(read.text)};
  return {read.status, ErrorJson("detail", read.text)};
}

SystemAnswer CombinedDocument(const View& view, const TargetView& target) {
  const double now = absl::ToDoubleSeconds(view.built_at - absl::UnixEpoch());
  std::string json = "{\"timestamp\":" + nlohmann::json(now).dump();
  if (view.mode != "proxy") {
    const DocumentRead system = ReadOf(target, Service::kProc);
    if (system.status != kOk) return {system.status, ErrorJson("detail", system.text)};
    json += ",\"mode\":\"" + view.mode + "\",\"system\":" + system.text;
    return {kOk, json + "}"};
  }
  for (const Service service : kServices) {
    const DocumentRead read = ReadOf(target, service);
    json += std::string(",\"") + NameOf(service) + "\":";
    json += read.status == kOk ? read.text : ErrorJson("error", read.text);
  }
  return {kOk, json + "}"};
}

}  // namespace chatscale
