#include "exporter/web/routes.h"

#include <algorithm>
#include <memory>
#include <mutex>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "exporter/metrics/text_format.h"
#include "exporter/web/system_document.h"
#include "exporter/web/target_routes.h"

namespace chatscale {
namespace {

// A source that answers at all does so well within this; one that hangs must not delay a scrape.
constexpr absl::Duration kPatience = absl::Milliseconds(25);
constexpr absl::Duration kScrapeMargin = absl::Milliseconds(500);

WebResponse Metrics(const ReadPublication& read, const WebRequest& request) {
  const bool gzip = AcceptsGzip(request.Header("accept-encoding"));
  const Publication publication =
      read(ScrapePatience(request.Header("x-prometheus-scrape-timeout-seconds")));
  WebResponse response;
  response.content_type = kTextFormatContentType;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = gzip ? publication.exposition->gzip() : publication.exposition->text();
  return response;
}

WebResponse ForTarget(const WebRequest& request, const Publication& publication,
                      const std::function<SystemAnswer(const TargetView&)>& answer) {
  TargetChoice choice = ChooseTarget(*publication.view, request);
  if (choice.refusal) return *std::move(choice.refusal);
  const Target& target = choice.target->target;
  const RenderedText rendered = publication.documents->Get(
      request.path + "\n" + target.tenant + "\n" + target.project, [&]() -> RenderedText {
        SystemAnswer made = answer(*choice.target);
        return {made.status, std::make_shared<const std::string>(std::move(made.json))};
      });
  WebResponse response = JsonResponse(rendered.status, "");
  response.body = rendered.text;
  return response;
}

// Ready: values that are not too old can be shown for some target. At the start also that no target
// waits for a first view any more: a Deployment that is updated would silence the replica that
// still recommends. One target that never settles keeps nobody waiting for long.
class Readiness {
 public:
  // Why not; nullopt: ready. Thread-safe.
  std::optional<std::string> Obstacle(const View& view, absl::Time now) {
    if (std::ranges::none_of(view.targets,
                             [](const TargetView& t) { return t.snapshot.has_value(); })) {
      return "no snapshot that is young enough";
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
  static constexpr absl::Duration kLongestWait = absl::Minutes(10);  // as a Deployment does

  static bool AwaitsFirstView(const TargetView& target) {
    return target.advice && std::ranges::any_of(kServices, [&](Service service) {
             return target.advice->services[service].recommendation.view_until.has_value();
           });
  }

  std::mutex mutex_;
  bool settled_ = false;
  absl::Time first_ = absl::InfiniteFuture();  // snapshot
};

}  // namespace

absl::Duration ScrapePatience(const std::string& scrape_timeout_header) {
  double seconds = 0;
  if (!absl::SimpleAtod(scrape_timeout_header, &seconds) || !(seconds > 0)) return kPatience;
  return std::clamp(absl::Seconds(seconds) - kScrapeMargin, absl::ZeroDuration(), kPatience);
}

void AddRoutes(const ReadPublication& read, WhyStalled stalled, HttpServer& server) {
  server.Get(
      "/metrics", [read](const WebRequest& request) { return Metrics(read, request); },
      Lane::kScrape);
  server.Get("/metrics/ingress/system", [read](const WebRequest& request) {
    return ForTarget(request, read(kPatience), [](const TargetView& target) {
      return SystemDocument(target, Service::kIngress);
    });
  });
  server.Get("/metrics/proc/system", [read](const WebRequest& request) {
    return ForTarget(request, read(kPatience), [](const TargetView& target) {
      return SystemDocument(target, Service::kProc);
    });
  });
  server.Get("/metrics/combined", [read](const WebRequest& request) {
    const Publication publication = read(kPatience);
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
  server.Get("/-/healthy", healthy, Lane::kProbe);
  server.Get("/health", health, Lane::kProbe);
  server.Get("/-/ready", ready, Lane::kProbe);
}

}  // namespace chatscale
