#include "exporter/web/listener/http_server.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "exporter/web/listener/answer_head.h"
#include "exporter/web/listener/httplib_server.h"
#include "exporter/web/listener/request_head.h"

namespace chatscale {
namespace {

bool Is(std::string_view header, std::string_view name) {
  return absl::EqualsIgnoreCase({header.data(), header.size()}, {name.data(), name.size()});
}

// What a request of the express lane can differ in.
struct PlainGet {
  std::string_view path;
  bool gzip = false;
  bool close = false;
};

// nullopt: a request that needs the library. Requires: framed.
std::optional<PlainGet> PlainGetOf(std::string_view request) {
  constexpr std::string_view kMethod = "GET ";
  constexpr std::string_view kVersion = " HTTP/1.1";
  const std::string_view line = request.substr(0, request.find("\r\n"));
  if (!line.starts_with(kMethod) || !line.ends_with(kVersion)) return std::nullopt;
  PlainGet get;
  get.path = line.substr(kMethod.size(), line.size() - kMethod.size() - kVersion.size());
  std::optional<std::string_view> encoding;
  bool has_body = false;
  EachHeader(request, [&](std::string_view name, std::string_view value) {
    if (Is(name, "Accept-Encoding") && !encoding) encoding = value;
    has_body = has_body || Is(name, "Content-Length");
    if (Is(name, "Connection")) {
      const absl::string_view text(value.data(), value.size());
      get.close = absl::StrContains(absl::AsciiStrToLower(text), "close");
    }
  });
  if (has_body) return std::nullopt;
  get.gzip = encoding && AcceptsGzip(*encoding);
  return get;
}

Visitor VisitorOf(std::string_view request, std::string_view remote_ip) {
  Visitor visitor{.path = PathOf(request), .authorization = {}, .remote_ip = remote_ip};
  EachHeader(request, [&](std::string_view name, std::string_view value) {
    if (visitor.authorization.empty() && Is(name, "Authorization")) visitor.authorization = value;
  });
  return visitor;
}

}  // namespace

class HttpServer::Impl {
 public:
  explicit Impl(HttpServerOptions options)
      : options_(std::move(options)),
        httplib_(
            {.respond =
                 [this](const WebRequest& request) {
                   WebResponse response = Respond(request);
                   AddExtraHeaders(response);
                   return response;
                 },
             .served = [this](const std::string& path, int status) { Count(path, status); },
             .accepted = [this](int fd) { loop_->Adopt(fd); }},
            std::chrono::duration_cast<std::chrono::seconds>(options_.connections.idle_deadline)) {}

  ~Impl() { Shut(); }

  void Route(std::string path, const char* method, HttpServer::Handler handler) {
    routes_[std::move(path)][method] = std::move(handler);
  }

  void Express(const std::string& path,
               std::function<std::optional<WebResponse>(bool gzip)> at_once) {
    express_[path] = std::move(at_once);
  }

  absl::StatusOr<int> Open() {
    absl::StatusOr<int> port = httplib_.Bind(options_.host, options_.port);
    if (!port.ok()) return port;
    ConnectionLoop::Handler handler{
        .answer = [this](
                      std::string_view request,
                      const std::string& remote_ip) { return httplib_.Serve(request, remote_ip); },
        .at_once = [this](std::string_view request) { return AtOnce(request); },
        .express = [this](std::string_view request) { return IsExpress(request); }};
    if (options_.tls) handler.tls = [this] { return options_.tls()->Accept(); };
    if (options_.gatekeeper != nullptr) {
      handler.enter = [this](std::string_view request, const std::string& remote_ip) {
        return Enter(request, remote_ip);
      };
      handler.ask = [this](std::string_view request, const std::string& remote_ip) {
        return Ask(request, remote_ip);
      };
    }
    loop_ = std::make_unique<ConnectionLoop>(options_.connections, std::move(handler));
    httplib_.Accept();
    return port;
  }

  void Shut() {
    httplib_.Stop();
    if (loop_) loop_->Stop();
  }

  HttpStats Stats() const {
    HttpStats stats;
    if (loop_) {
      stats.connections = static_cast<double>(loop_->connections());
      stats.rejected = loop_->rejected();
    }
    const std::lock_guard lock(mutex_);
    stats.requests = requests_;
    return stats;
  }

 private:
  using Routes = std::map<std::string, std::map<std::string, HttpServer::Handler>>;
  using Verdict = Gatekeeper::Verdict;

  Entry Enter(std::string_view request, const std::string& remote_ip) {
    const Verdict verdict = options_.gatekeeper->Recognise(VisitorOf(request, remote_ip));
    if (verdict == Verdict::kAdmit) return {};
    if (verdict == Verdict::kAsk) return {.verdict = Entry::Verdict::kAsk, .refusal = {}};
    return {.verdict = Entry::Verdict::kRefused, .refusal = TurnAway(request, verdict)};
  }

  std::optional<Answer> Ask(std::string_view request, const std::string& remote_ip) {
    const Verdict verdict = options_.gatekeeper->Ask(VisitorOf(request, remote_ip));
    if (verdict == Verdict::kAdmit) return std::nullopt;
    return TurnAway(request, verdict);
  }

  // And hangs up: the next guess costs a connection.
  Answer TurnAway(std::string_view request, Verdict verdict) {
    const int status = verdict == Verdict::kUnauthorized ? 401 : 429;
    Gatekeeper::Headers headers = *options_.gatekeeper->ExtraHeaders();
    if (status == 401) {
      headers.emplace_back("WWW-Authenticate", "Basic realm=\"chatscale\", charset=\"UTF-8\"");
    } else {
      headers.emplace_back("Retry-After", "1");
    }
    headers.emplace_back("Connection", "close");
    Count(std::string(PathOf(request)), status);
    const std::string body = StatusLine(status);
    return {.bytes = AnswerHead(status, headers, "text/plain; charset=utf-8", body.size(),
                                std::time(nullptr)) +
                     (request.starts_with("HEAD ") ? "" : body),
            .close = true};
  }

  // What the owner asks for counts more than what a route says.
  void AddExtraHeaders(WebResponse& response) const {
    if (options_.gatekeeper == nullptr) return;
    const auto extra = options_.gatekeeper->ExtraHeaders();
    response.headers.insert(response.headers.end(), extra->begin(), extra->end());
  }

  std::optional<Answer> AtOnce(std::string_view request) {
    const std::optional<PlainGet> get = PlainGetOf(request);
    if (!get) return std::nullopt;
    const auto route = express_.find(std::string(get->path));
    if (route == express_.end()) return std::nullopt;
    std::optional<WebResponse> response = route->second(get->gzip);
    if (!response) return std::nullopt;
    AddExtraHeaders(*response);
    if (get->close) response->headers.emplace_back("Connection", "close");
    {
      const std::lock_guard lock(mutex_);
      ++requests_[{route->first, response->status}];
    }
    return Answer{AnswerHead(200, response->headers, response->content_type, response->body->size(),
                             std::time(nullptr)),
                  response->body, get->close};
  }

  bool IsExpress(std::string_view request) {
    return express_.count(std::string(PathOf(request))) != 0;
  }

  void Count(const std::string& path, int status) {
    const auto route = Find(path);
    const std::lock_guard lock(mutex_);
    ++requests_[{route == routes_.end() ? "other" : route->first, status}];
  }

  WebResponse Respond(const WebRequest& request) const {
    const auto route = Find(request.path);
    if (route == routes_.end()) return StatusPage(404);
    const auto handler = route->second.find(request.method == "HEAD" ? "GET" : request.method);
    if (handler != route->second.end()) return handler->second(request);
    std::string allowed;
    for (const auto& [method, unused] : route->second) {
      allowed += (allowed.empty() ? "" : ", ") + (method == "GET" ? "GET, HEAD" : method);
    }
    WebResponse refusal = StatusPage(405);
    refusal.headers.emplace_back("Allow", allowed);
    return refusal;
  }

  // The route of a whole path, else the one that ends in "/*" and begins it.
  Routes::const_iterator Find(const std::string& path) const {
    const auto whole = routes_.find(path);
    if (whole != routes_.end()) return whole;
    return std::find_if(routes_.begin(), routes_.end(), [&](const auto& route) {
      const std::string& pattern = route.first;
      const std::size_t fixed = pattern.size() - 1;
      return pattern.ends_with("/*") && path.size() > fixed &&
             path.compare(0, fixed, pattern, 0, fixed) == 0;
    });
  }

  const HttpServerOptions options_;
  Routes routes_;
  std::map<std::string, std::function<std::optional<WebResponse>(bool gzip)>> express_;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> requests_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<ConnectionLoop> loop_;
  HttplibServer httplib_;
};

HttpServer::HttpServer(HttpServerOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpServer::~HttpServer() = default;

void HttpServer::Get(std::string path, Handler handler) {
  impl_->Route(std::move(path), "GET", std::move(handler));
}

void HttpServer::GetExpress(std::string path,
                            std::function<std::optional<WebResponse>(bool gzip)> at_once,
                            Handler handler) {
  impl_->Express(path, std::move(at_once));
  Get(std::move(path), std::move(handler));
}

void HttpServer::Post(std::string path, Handler handler) {
  impl_->Route(std::move(path), "POST", std::move(handler));
}

absl::StatusOr<int> HttpServer::Start() { return impl_->Open(); }
void HttpServer::Stop() { impl_->Shut(); }
HttpStats HttpServer::Stats() const { return impl_->Stats(); }

}  // namespace chatscale
