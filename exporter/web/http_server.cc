#include "exporter/web/http_server.h"

#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "exporter/web/answer_head.h"
#include "exporter/web/memory_stream.h"

namespace chatscale {
namespace {

constexpr int kBacklog = 512;
// Not a name that a client could send: the framing refuses it.
constexpr const char* kAcceptEncoding = "accept encoding";

// cpp-httplib would queue accepted sockets for its workers; ours go to the connection loop at once.
class RunAtOnce : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> task) override { task(); }
  void shutdown() override {}
};

httplib::Headers DefaultHeaders() {
  const auto& headers = StandardHeaders();
  return {headers.begin(), headers.end()};
}

// The body of the answer under way on this thread: kept out of the library's response, which would
// copy it, so that all connections share it.
thread_local std::shared_ptr<const std::string> shared_body;

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

// "GET http://host/path HTTP/1.1" is a request for /path (RFC 9112, 3.2.2).
std::string OriginForm(std::string_view request) {
  const std::size_t start = request.find(' ') + 1;
  const std::string_view target = request.substr(start, request.find(' ', start) - start);
  const absl::string_view lower(target.data(), target.size());
  if (!absl::StartsWithIgnoreCase(lower, "http://") &&
      !absl::StartsWithIgnoreCase(lower, "https://")) {
    return std::string(request);
  }
  const std::size_t authority = target.find("//") + 2;
  const std::size_t path = std::min(target.find_first_of("/?", authority), target.size());
  std::string out(request.substr(0, start));
  if (path == target.size() || target[path] != '/') out += '/';
  return out.append(target.substr(path)).append(request.substr(start + target.size()));
}

WebRequest RequestOf(const httplib::Request& from) {
  WebRequest request;
  request.method = from.method;
  request.path = from.path;
  for (const auto& [name, value] : from.params) {
    if (!request.query.emplace(name, value).second) request.repeated_parameter = true;
  }
  for (const auto& [name, value] : from.headers) {
    request.headers.emplace(
        absl::AsciiStrToLower(name == kAcceptEncoding ? "Accept-Encoding" : name), value);
  }
  return request;
}

void Fill(const WebResponse& from, httplib::Response& response) {
  response.status = from.status;
  for (const auto& [name, value] : from.headers) {
    response.headers.erase(name);
    response.set_header(name, value);
  }
  response.headers.erase("Date");
  response.set_header("Date", HttpDate(std::time(nullptr)));
  if (!from.body) return;
  response.headers.erase("Content-Type");
  response.headers.erase("Content-Length");
  response.set_header("Content-Type", from.content_type);
  response.set_header("Content-Length", std::to_string(from.body->size()));
  shared_body = from.body;
}

WebResponse StatusPage(int status) {
  const char* text = status == 404   ? "404 not found\n"
                     : status == 405 ? "405 method not allowed\n"
                     : status == 500 ? "500 internal error\n"
                                     : "400 bad request\n";
  return TextResponse(status, text);
}

}  // namespace

class HttpServer::Impl : public httplib::Server {
 public:
  explicit Impl(HttpServerOptions options) : options_(std::move(options)) {
    new_task_queue = [] { return new RunAtOnce; };
    set_socket_options([](socket_t fd) {
      // Not SO_REUSEPORT, the library's default: a second process would share the port unnoticed.
      const int on = 1;
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    set_default_headers(DefaultHeaders());
    set_keep_alive_max_count(1'000);
    set_keep_alive_timeout(options_.connections.idle_deadline.count() / 1000);
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      Respond(request, response);
      return HandlerResponse::Handled;
    });
    set_exception_handler([](const httplib::Request&, httplib::Response& response,
                             const std::exception_ptr&) { Fill(StatusPage(500), response); });
    set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (!shared_body) Fill(StatusPage(response.status), response);
    });
    set_logger([this](const httplib::Request& request, const httplib::Response& response) {
      const auto route = Find(request.path);
      const std::lock_guard lock(mutex_);
      ++requests_[{route == routes_.end() ? "other" : route->first, response.status}];
    });
  }

  ~Impl() override { Shut(); }

  void Route(std::string path, const char* method, HttpServer::Handler handler) {
    routes_[std::move(path)][method] = std::move(handler);
  }

  void Express(const std::string& path,
               std::function<std::optional<WebResponse>(bool gzip)> at_once) {
    express_[path] = std::move(at_once);
  }

  absl::StatusOr<int> Open() {
    errno = 0;
    int port = options_.port;
    const bool bound = port == 0 ? (port = bind_to_any_port(options_.host)) > 0
                                 : bind_to_port(options_.host, port);
    if (!bound) {
      return absl::UnavailableError("cannot listen on " + options_.host + ":" +
                                    std::to_string(options_.port) + ": " +
                                    (errno != 0 ? std::strerror(errno) : "no such address"));
    }
    ::listen(svr_sock_, kBacklog);  // the library's own is 5
    loop_ = std::make_unique<ConnectionLoop>(
        options_.connections,
        ConnectionLoop::Handler{
            .answer = [this](std::string_view request,
                             const std::string& remote_ip) { return Serve(request, remote_ip); },
            .at_once = [this](std::string_view request) { return AtOnce(request); },
            .express = [this](std::string_view request) { return IsExpress(request); }});
    accepting_ = std::thread([this] { listen_after_bind(); });
    while (!is_running()) std::this_thread::yield();  // stop() before that would be lost
    return port;
  }

  void Shut() {
    if (accepting_.joinable()) {
      stop();
      accepting_.join();
    }
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

  bool process_and_close_socket(socket_t fd) override {
    loop_->Adopt(fd);
    return true;
  }

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

  Answer Serve(std::string_view framed, const std::string& remote_ip) {
    const std::string bytes = OriginForm(framed);
    MemoryStream stream(bytes, remote_ip);
    shared_body.reset();
    bool closed = false;
    const bool served = process_request(stream, false, closed, [](httplib::Request& request) {
      // The library compresses on its own, with brotli at its slowest, and serves byte ranges of
      // what changes under them.
      const std::string accepted = request.get_header_value("Accept-Encoding");
      request.headers.erase("Accept-Encoding");
      request.headers.erase("Range");
      request.ranges.clear();
      request.headers.emplace(kAcceptEncoding, accepted);
    });
    const bool head_only = framed.starts_with("HEAD ");
    return {stream.TakeResponse(), head_only ? nullptr : std::move(shared_body), closed || !served};
  }

  void Respond(const httplib::Request& request, httplib::Response& response) {
    const auto route = Find(request.path);
    if (route == routes_.end()) return Fill(StatusPage(404), response);
    const auto handler = route->second.find(request.method == "HEAD" ? "GET" : request.method);
    if (handler != route->second.end()) return Fill(handler->second(RequestOf(request)), response);
    std::string allowed;
    for (const auto& [method, unused] : route->second) {
      allowed += (allowed.empty() ? "" : ", ") + (method == "GET" ? "GET, HEAD" : method);
    }
    WebResponse refusal = StatusPage(405);
    refusal.headers.emplace_back("Allow", allowed);
    Fill(refusal, response);
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
  std::thread accepting_;
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
