#include "exporter/web/routes.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "exporter/metrics/text_format.h"
#include "exporter/model/clock.h"
#include "exporter/web/target_routes.h"

namespace chatscale {

namespace {

constexpr int kOk = 200;
constexpr int kBadGateway = 502;

std::string ErrorJson(const char* key, const std::string& message) {
  return nlohmann::json({{key, message}})
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The source of the service's document.
const SourceHealth* SourceOf(const TargetView& target, Service service) {
  for (const SourceHealth& health : target.sources) {
    if (health.source != NameOf(TheOther(service))) return &health;
  }
  return nullptr;
}

struct DocumentRead {
  int status = kOk;
  std::string text;  // document or error message
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

SystemResponse SystemDocument(const TargetView& target, Service service) {
  DocumentRead read = ReadOf(target, service);
  if (read.status == kOk) return {kOk, std::move(read.text)};
  return {read.status, ErrorJson("detail", read.text)};
}

SystemResponse CombinedDocument(const View& view, const TargetView& target) {
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

bool IsCrossSite(const WebRequest& request) {
  const std::string site = request.Header("sec-fetch-site");
  if (!site.empty()) return site != "same-origin" && site != "none";
  const std::string origin = request.Header("origin");
  if (origin.empty()) return false;
  const auto scheme = origin.find("://");
  return scheme == origin.npos || origin.substr(scheme + 3) != request.Header("host");
}

WebResponse CrossSiteRefused() {
  return JsonResponse(403, R"({"error":"cross-site requests are not allowed"})");
}

namespace {

using nlohmann::json;

constexpr absl::Duration kBetween = absl::Seconds(1);

struct OneAtATime {
  std::mutex under_way;
  std::optional<Stopwatch> ended;  // end of the last export; guarded by `under_way`

  bool JustEnded() const { return ended && ended->Elapsed() < kBetween; }
};

double UnixSeconds(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }

WebResponse ExportResponse(const std::vector<SinkOutcome>& outcomes, absl::Time now) {
  if (outcomes.empty()) return JsonResponse(404, R"({"error":"no sink is configured"})");
  const bool ok = std::ranges::all_of(outcomes, [](const auto& o) { return o.status.ok(); });
  json sinks = json::object();
  for (const SinkOutcome& outcome : outcomes) {
    json& sink = sinks[outcome.sink];
    sink["status"] = outcome.status.ok() ? "ok" : "failed";
    sink["duration_seconds"] = absl::ToDoubleSeconds(outcome.took);
    if (!outcome.status.ok()) sink["error"] = std::string(outcome.status.message());
  }
  const json outcome = {
      {"status", ok ? "ok" : "failed"}, {"timestamp", UnixSeconds(now)}, {"sinks", sinks}};
  return JsonResponse(ok ? 200 : 502, outcome.dump(-1, ' ', false, json::error_handler_t::replace));
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
    if (request.method == "HEAD") {  // HEAD must have no effect
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
    return ExportResponse(outcomes, absl::Now());
  };
  server.Get("/metrics/export", handler, RouteGate::kLong);
  server.Post("/metrics/export", handler, RouteGate::kLong);
}

namespace {

// A responsive source is faster than this; a hanging one must not delay a scrape.
constexpr absl::Duration kReadTimeout = absl::Milliseconds(25);
constexpr absl::Duration kScrapeMargin = absl::Milliseconds(500);

WebResponse Metrics(const ReadPublication& read, const WebRequest& request) {
  const bool gzip = AcceptsGzip(request.Header("accept-encoding"));
  const Publication publication =
      read(ScrapeReadTimeout(request.Header("x-prometheus-scrape-timeout-seconds")));
  WebResponse response;
  response.content_type = kTextFormatContentType;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = gzip ? publication.exposition->gzip() : publication.exposition->text();
  return response;
}

WebResponse ForTarget(const WebRequest& request, const Publication& publication,
                      const std::function<SystemResponse(const TargetView&)>& make) {
  TargetChoice choice = ChooseTarget(*publication.view, request);
  if (choice.refusal) return *std::move(choice.refusal);
  const Target& target = choice.target->target;
  const RenderedText rendered = publication.documents->Get(
      request.path + "\n" + target.tenant + "\n" + target.project, [&]() -> RenderedText {
        SystemResponse made = make(*choice.target);
        return {made.status, std::make_shared<const std::string>(std::move(made.json))};
      });
  WebResponse response = JsonResponse(rendered.status, "");
  response.body = rendered.text;
  return response;
}

// Readiness: some target has a fresh snapshot. After the start, also: no target waits for its first
// view, because a rolling update would otherwise replace the replica that still recommends.
// Bounded, so that a target that never settles does not block it.
class Readiness {
 public:
  // Why not ready; nullopt: ready. Thread-safe.
  std::optional<std::string> Obstacle(const View& view, absl::Time now) {
    if (std::ranges::none_of(view.targets,
                             [](const TargetView& t) { return t.snapshot.has_value(); })) {
      return "no fresh snapshot";
    }
    const std::lock_guard lock(mutex_);
    if (settled_) return std::nullopt;
    first_ = std::min(first_, now);
    const auto waiting = std::ranges::count_if(view.targets, AwaitsFirstView);
    if (waiting > 0 && now - first_ < kLongestWait) {
      return absl::StrFormat("%d of %d targets wait for a whole view of the fleet", waiting,
                             view.targets.size());
    }
    settled_ = true;
    return std::nullopt;
  }

 private:
  static constexpr absl::Duration kLongestWait =
      absl::Minutes(10);  // a Deployment's progress deadline

  static bool AwaitsFirstView(const TargetView& target) {
    return target.recommendations && std::ranges::any_of(kServices, [&](Service service) {
             return target.recommendations->services[service].recommendation.view_until.has_value();
           });
  }

  std::mutex mutex_;
  bool settled_ = false;
  absl::Time first_ = absl::InfiniteFuture();  // time of the first snapshot
};

}  // namespace

absl::Duration ScrapeReadTimeout(const std::string& scrape_timeout_header) {
  double seconds = 0;
  if (!absl::SimpleAtod(scrape_timeout_header, &seconds) || !(seconds > 0)) return kReadTimeout;
  return std::clamp(absl::Seconds(seconds) - kScrapeMargin, absl::ZeroDuration(), kReadTimeout);
}

void AddRoutes(const ReadPublication& read, WhyStalled stalled, HttpServer& server) {
  server.Get(
      "/metrics", [read](const WebRequest& request) { return Metrics(read, request); },
      RouteGate::kScrape);
  server.Get("/metrics/ingress/system", [read](const WebRequest& request) {
    return ForTarget(request, read(kReadTimeout), [](const TargetView& target) {
      return SystemDocument(target, Service::kIngress);
    });
  });
  server.Get("/metrics/proc/system", [read](const WebRequest& request) {
    return ForTarget(request, read(kReadTimeout), [](const TargetView& target) {
      return SystemDocument(target, Service::kProc);
    });
  });
  server.Get("/metrics/combined", [read](const WebRequest& request) {
    const Publication publication = read(kReadTimeout);
    return ForTarget(request, publication, [&](const TargetView& target) {
      return CombinedDocument(*publication.view, target);
    });
  });
  const auto healthy = [stalled = std::move(stalled)](const WebRequest&) {
    const std::optional<std::string> why = stalled();
    if (why) return TextResponse(503, *why + "\n");
    return TextResponse(200, "chatscale is healthy\n");
  };
  const auto health = [](const WebRequest&) {
    return JsonResponse(200,
                        absl::StrFormat(R"({"status":"ok","ts":%.3f})",
                                        absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch())));
  };
  const auto ready = [read, readiness = std::make_shared<Readiness>()](const WebRequest&) {
    const auto obstacle = readiness->Obstacle(*read(absl::ZeroDuration()).view, absl::Now());
    return obstacle ? TextResponse(503, *obstacle + "\n")
                    : TextResponse(200, "chatscale is ready\n");
  };
  server.Get("/-/healthy", healthy, RouteGate::kProbe);
  server.Get("/health", health, RouteGate::kProbe);
  server.Get("/-/ready", ready, RouteGate::kProbe);
}

}  // namespace chatscale
