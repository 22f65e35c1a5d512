#include "exporter/web/export_route.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "exporter/model/clock.h"

namespace chatscale {

bool IsCrossSite(const WebRequest& request) {
  const std::string site = request.Header("sec-fetch-site");
  if (!site.empty()) return site != "same-origin" && site != "none";
  const std::string origin = request.Header("origin");
  if (origin.empty()) return false;
  const auto scheme = origin.find("://");
  return scheme == origin.npos || origin.substr(scheme + 3) != request.Header("host");
}

WebResponse CrossSiteRefused() {
  return JsonResponse(403, R"({"error":"a page of another site may not ask for this"})");
}

namespace {

using nlohmann::json;

constexpr absl::Duration kBetween = absl::Seconds(1);

struct OneAtATime {
  std::mutex under_way;
  std::optional<Stopwatch> ended;  // to who has `under_way`

  bool JustEnded() const { return ended && ended->Elapsed() < kBetween; }
};

double UnixSeconds(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }

WebResponse ExportAnswer(const std::vector<SinkOutcome>& outcomes, absl::Time now) {
  if (outcomes.empty()) return JsonResponse(404, R"({"error":"no sink is configured"})");
  const bool ok = std::ranges::all_of(outcomes, [](const auto& o) { return o.status.ok(); });
  json sinks = json::object();
  for (const SinkOutcome& outcome : outcomes) {
    json& sink = sinks[outcome.sink];
    sink["status"] = outcome.status.ok() ? "ok" : "failed";
    sink["duration_seconds"] = absl::ToDoubleSeconds(outcome.took);
    if (!outcome.status.ok()) sink["error"] = std::string(outcome.status.message());
  }
  const json answer = {
      {"status", ok ? "ok" : "failed"}, {"timestamp", UnixSeconds(now)}, {"sinks", sinks}};
  return JsonResponse(ok ? 200 : 502, answer.dump(-1, ' ', false, json::error_handler_t::replace));
}

WebResponse TooSoon() {
  WebResponse response = JsonResponse(429, R"({"error":"one export at a time, one a second"})");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

void AddExportRoute(ExportNow export_now, std::function<bool()> open, HttpServer& server) {
  const auto handler = [export_now = std::move(export_now), open = std::move(open),
                        turn = std::make_shared<OneAtATime>()](const WebRequest& request) {
    if (request.method == "HEAD") {  // asks for nothing to be done
      WebResponse response = TextResponse(405, "");
      response.headers.emplace_back("Allow", "GET, POST");
      return response;
    }
    if (IsCrossSite(request)) return CrossSiteRefused();
    if (!open()) {
      return JsonResponse(
          403, R"({"error":"needs authentication: --web.config.file or --web.bearer-token-file"})");
    }
    const std::unique_lock lock(turn->under_way, std::try_to_lock);
    if (!lock.owns_lock() || turn->JustEnded()) return TooSoon();
    const std::vector<SinkOutcome> outcomes = export_now();
    turn->ended.emplace();
    return ExportAnswer(outcomes, absl::Now());
  };
  server.Get("/metrics/export", handler, Lane::kExport);
  server.Post("/metrics/export", handler, Lane::kExport);
}

}  // namespace chatscale
