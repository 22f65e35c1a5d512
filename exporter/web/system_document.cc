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

// The source that answers for `side`.
const SourceHealth* SourceOf(const TargetView& target, Owner side) {
  const char* own = side == Owner::kIngress ? "ingress" : "proc";
  const char* other = side == Owner::kIngress ? "proc" : "ingress";
  for (const SourceHealth& health : target.sources) {
    if (health.source == own || health.source != other) return &health;
  }
  return nullptr;
}

struct Side {
  int status = kOk;
  std::string text;  // the document, or the error's message
};

Side Read(const TargetView& target, Owner side) {
  const SourceHealth* health = SourceOf(target, side);
  const char* name = side == Owner::kIngress ? "ingress" : "proc";
  if (health == nullptr) {
    return {400, std::string("no base URL is configured for ") + name};
  }
  const DocumentText& document =
      side == Owner::kIngress ? target.ingress_document : target.proc_document;
  if (health->up && document) return {kOk, document()};
  const std::string message = health->error.empty() ? "nothing collected yet" : health->error;
  return {health->http_status.value_or(kBadGateway), message};
}

}  // namespace

SystemAnswer SystemDocument(const TargetView& target, Owner side) {
  Side read = Read(target, side);
  if (read.status == kOk) return {kOk, std::move(read.text)};
  return {read.status, ErrorJson("detail", read.text)};
}

SystemAnswer CombinedDocument(const View& view, const TargetView& target) {
  const double now = absl::ToDoubleSeconds(view.built_at - absl::UnixEpoch());
  std::string json = "{\"timestamp\":" + nlohmann::json(now).dump();
  if (view.mode != "proxy") {
    const Side system = Read(target, Owner::kProc);
    if (system.status != kOk) return {system.status, ErrorJson("detail", system.text)};
    json += ",\"mode\":\"" + view.mode + "\",\"system\":" + system.text;
    return {kOk, json + "}"};
  }
  for (const auto& [name, side] : {std::pair{"ingress", Owner::kIngress}, {"proc", Owner::kProc}}) {
    const Side read = Read(target, side);
    json += std::string(",\"") + name + "\":";
    json += read.status == kOk ? read.text : ErrorJson("error", read.text);
  }
  return {kOk, json + "}"};
}

}  // namespace chatscale
