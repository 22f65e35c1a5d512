#include "exporter/web/page/page_routes.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/time/clock.h"
#include "exporter/metrics/exposition.h"
#include "exporter/model/text.h"
#include "exporter/web/history.h"
#include "exporter/web/page/assets.h"
#include "exporter/web/page/html.h"
#include "exporter/web/page/page.h"
#include "exporter/web/target_routes.h"

namespace chatscale {
namespace {

using nlohmann::json;

constexpr std::size_t kMostDecisions = 50;

// Content security policy: own scripts, styles and responses only; no framing.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

constexpr std::size_t kMaxSearchBytes = 128;  // a link of every page of the list repeats it

// A page's content, and the view that it refers to.
struct Prepared {
  std::shared_ptr<const View> view;
  PageContent content;
  std::optional<WebResponse> refusal;  // error response, for clients other than browsers
};

Prepared Prepare(const WebRequest& request, const PageSources& sources) {
  const Publication publication = sources.read(absl::ZeroDuration());
  const auto& view = publication.view;
  Prepared prepared{.view = view,
                    .content = {.view = *view,
                                .search = RepairUtf8(request.Query("q").substr(0, kMaxSearchBytes)),
                                .settings = sources.settings,
                                .self = publication.options.self->Collect(),
                                .now = absl::Now()}};
  PageContent& content = prepared.content;
  const bool named = request.query.contains("tenant") || request.query.contains("project");
  if (!named && view->targets.size() != 1) return prepared;
  WebRequest names = request;
  names.query.erase("q");
  TargetChoice choice = ChooseTarget(*view, names);
  prepared.refusal = std::move(choice.refusal);
  if (choice.target == nullptr) {
    content.missing = {request.Query("tenant"), request.Query("project")};
    return prepared;
  }
  content.target = choice.target;
  const Target& target = choice.target->target;
  content.errors = sources.history->ErrorsOf(target);
  content.decisions = sources.decisions({target.tenant, target.project, "", kMostDecisions});
  return prepared;
}

WebResponse Compressed(WebResponse response, const WebRequest& request) {
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (AcceptsGzip(request.Header("accept-encoding"))) {
    response.body = std::make_shared<const std::string>(Gzip(*response.body));
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  return response;
}

WebResponse PageResponse(const WebRequest& request, const PageSources& sources) {
  Prepared prepared = Prepare(request, sources);
  WebResponse response = HtmlResponse(Page(prepared.content));
  if (prepared.refusal) response.status = prepared.refusal->status;
  response.headers = {{"Content-Security-Policy", kPolicy}, {"Cache-Control", "no-store"}};
  return Compressed(std::move(response), request);
}

WebResponse SectionsResponse(const WebRequest& request, const PageSources& sources) {
  Prepared prepared = Prepare(request, sources);
  if (prepared.refusal) return *std::move(prepared.refusal);
  const json fragments = {{"at", ClockTime(prepared.content.now)},
                          {"sections", Sections(prepared.content)}};
  return Compressed(
      JsonResponse(200, fragments.dump(-1, ' ', false, json::error_handler_t::replace)), request);
}

WebResponse HistoryResponse(const WebRequest& request, const PageSources& sources) {
  const Publication publication = sources.read(absl::ZeroDuration());
  const auto& view = publication.view;
  TargetChoice choice = ChooseTarget(*view, request);
  if (choice.refusal) return *std::move(choice.refusal);
  const TargetHistory history = sources.history->Of(choice.target->target);
  return Compressed(JsonResponse(200, HistoryJson(*choice.target, history)), request);
}

// Serves an embedded file; compressed on the first request.
void AddAsset(const std::string& path, const char* type, std::string_view bytes,
              HttpServer& server) {
  server.Get(path, [=, made = std::make_shared<Rendered>()](const WebRequest& request) {
    const bool gzip = AcceptsGzip(request.Header("accept-encoding"));
    WebResponse response;
    response.content_type = type;
    response.headers = {{"Vary", "Accept-Encoding"}, {"Cache-Control", "max-age=300"}};
    if (gzip) response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = made->Get(gzip ? "gzip" : "plain",
                              [&]() -> RenderedText {
                                return {200, std::make_shared<const std::string>(
                                                 gzip ? Gzip(bytes) : std::string(bytes))};
                              })
                        .text;
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
