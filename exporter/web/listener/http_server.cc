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

namespace chatscale {
namespace {

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
  for (request.remove_prefix(line.size() + 2); !request.starts_with("\r\n");) {
    const std::string_view header = request.substr(0, request.find("\r\n"));
    request.remove_prefix(header.size() + 2);
    const std::size_t colon = header.find(':');
    const absl::string_view name(header.data(), colon);
    const std::string_view value = header.substr(colon + 1);
    if (absl::EqualsIgnoreCase(name, "Accept-Encoding") && !encoding) encoding = value;
    if (absl::EqualsIgnoreCase(name, "Content-Length")) return std::nullopt;
    if (absl::EqualsIgnoreCase(name, "Connection")) {
      const absl::string_view text(value.data(), value.size());
      get.close = absl::StrContains(absl::AsciiStrToLower(text), "close");
    }
  }
  get.gzip = encoding && AcceptsGzip(*encoding);
  return get;
}

}  // namespace

class HttpServer::Impl {
 public:
  explicit Impl(HttpServerOptions options)
      : options_(std::move(options)),
        httplib_(
            {.respond = [this](const WebRequest& request) { return Respond(request); },
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
    loop_ = std::make_unique<ConnectionLoop>(
        options_.connections,
        ConnectionLoop::Handler{
            .answer =
                [this](std::string_view request, const std::string& remote_ip) {
                  return httplib_.Serve(request, remote_ip);
                },
            .at_once = [this](std::string_view request) { return AtOnce(request); },
            .express = [this](std::string_view request) { return IsExpress(request); }});
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

  std::optional<Answer> AtOnce(std::string_view request) {
    const std::optional<PlainGet> get = PlainGetOf(request);
    if (!get) return std::nullopt;
    const auto route = express_.find(std::string(get->path));
    if (route == express_.end()) return std::nullopt;
    std::optional<WebResponse> response = route->second(get->gzip);
    if (!response) return std::nullopt;
    if (get->close) response->headers.emplace_back("Connection", "close");
    {
      const std::lock_guard lock(mutex_);
      ++requests_[{route->first, response->status}];
    }
    return Answer{AnswerHead(response->headers, response->content_type, response->body->size(),
                             std::time(nullptr)),
                  response->body, get->close};
  }

  bool IsExpress(std::string_view request) {
    const std::size_t start = request.find(' ') + 1;
    const std::string_view target =
        request.substr(start, request.find_first_of(" ?", start) - start);
    return express_.count(std::string(target)) != 0;
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
