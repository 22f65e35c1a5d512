#include "exporter/web/page/page_routes.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/time/clock.h"
#include "exporter/exposition/gzip.h"
#include "exporter/web/find_target.h"
#include "exporter/web/page/assets.h"
#include "exporter/web/page/history_json.h"
#include "exporter/web/page/page.h"
#include "exporter/web/page/words.h"

namespace chatscale {
namespace {

using nlohmann::json;

constexpr std::size_t kMostDecisions = 50;

// Nothing but our own scripts, styles and answers; no frames around us.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

std::string QueryText(const WebRequest& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? "" : found->second;
}

// What a page shows, and what keeps it alive meanwhile.
struct Prepared {
  std::shared_ptr<const View> view;
  std::shared_ptr<const PageContent> content;
  std::optional<WebResponse> refusal;  // for whoever is no person
};

Prepared Prepare(const WebRequest& request, const PageSources& sources) {
  Prepared prepared;
  const auto view = sources.read(absl::ZeroDuration()).view;
  const TargetView* target = nullptr;
  const bool named = request.query.contains("tenant") || request.query.contains("project");
  if (named || view->targets.size() == 1) {
    WebRequest names = request;
    names.query.erase("q");
    TargetChoice choice = ChooseTarget(*view, names);
    prepared.refusal = std::move(choice.refusal);
    target = choice.target;
  }
  HourOfErrors errors;
  std::vector<std::string> decisions;
  if (target != nullptr) {
    errors = sources.history->ErrorsOf(target->target);
    decisions =
        sources.decisions({target->target.tenant, target->target.project, "", kMostDecisions});
  }
  prepared.view = view;
  std::optional<Target> missing;
  if (named && target == nullptr) {
    missing = {QueryText(request, "tenant"), QueryText(request, "project")};
  }
  prepared.content = std::make_shared<const PageContent>(
      PageContent{*view, target, QueryText(request, "q"), std::move(missing), std::move(errors),
                  std::move(decisions), sources.settings, sources.sink_stats(),
                  sources.reload_stats(), absl::Now()});
  return prepared;
}

WebResponse Compressed(WebResponse response, const WebRequest& request) {
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  if (AcceptsGzip(request.Header("accept-encoding")) && response.body) {
    response.body = std::make_shared<const std::string>(Gzip(*response.body));
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  return response;
}

WebResponse PageResponse(const WebRequest& request, const PageSources& sources) {
  Prepared prepared = Prepare(request, sources);
  WebResponse response = HtmlResponse(Page(*prepared.content));
  if (prepared.refusal) response.status = prepared.refusal->status;
  response.headers = {{"Content-Security-Policy", kPolicy},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cache-Control", "no-store"}};
  return Compressed(std::move(response), request);
}

WebResponse SectionsResponse(const WebRequest& request, const PageSources& sources) {
  Prepared prepared = Prepare(request, sources);
  if (prepared.refusal) return *std::move(prepared.refusal);
  const json answer = {{"at", ClockTime(prepared.content->now)},
                       {"sections", Sections(*prepared.content)}};
  return Compressed(JsonResponse(200, answer.dump(-1, ' ', false, json::error_handler_t::replace)),
                    request);
}

WebResponse HistoryResponse(const WebRequest& request, const PageSources& sources) {
  const auto view = sources.read(absl::ZeroDuration()).view;
  TargetChoice choice = ChooseTarget(*view, request);
  if (choice.refusal) return *std::move(choice.refusal);
  const TargetHistory history = sources.history->Of(choice.target->target);
  return Compressed(JsonResponse(200, HistoryJson(*choice.target, history)), request);
}

// A file of the page, compressed once.
void AddAsset(const std::string& path, const char* type, std::string_view bytes,
              HttpServer& server) {
  const auto plain = std::make_shared<const std::string>(bytes);
  const auto gzip = std::make_shared<const std::string>(Gzip(bytes));
  server.Get(path, [=](const WebRequest& request) {
    const bool small = AcceptsGzip(request.Header("accept-encoding"));
    WebResponse response;
    response.content_type = type;
    response.body = small ? gzip : plain;
    response.headers = {{"Vary", "Accept-Encoding"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Cache-Control", "max-age=300"}};
    if (small) response.headers.emplace_back("Content-Encoding", "gzip");
    return response;
  });
}

}  // namespace

void AddPageRoutes(PageSources sources, HttpServer& server) {
  const auto shared = std::make_shared<const PageSources>(std::move(sources));
  server.Get("/", [shared](const WebRequest& request) { return PageResponse(request, *shared); });
  server.Get("/api/v1/page",
             [shared](const WebRequest& request) { return SectionsResponse(request, *shared); });
  server.Get("/api/v1/history",
             [shared](const WebRequest& request) { return HistoryResponse(request, *shared); });
  AddAsset("/page.css", "text/css; charset=utf-8", PageCss(), server);
  AddAsset("/page.js", "text/javascript; charset=utf-8", PageJs(), server);
  AddAsset("/docs/metrics", "text/plain; charset=utf-8", MetricsMd(), server);
  AddAsset("/docs/runbooks", "text/plain; charset=utf-8", RunbooksMd(), server);
  AddAsset("/chart.js", "text/javascript; charset=utf-8", ChartJs(), server);
}

}  // namespace chatscale
