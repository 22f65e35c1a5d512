#include "exporter/web/listener/httplib_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "exporter/web/listener/answer_head.h"
#include "exporter/web/listener/request_head.h"

namespace chatscale {
namespace {

constexpr int kBacklog = 512;  // the library's own is 5
// What the kernel keeps for a client that does not read. On its own it grows that to 4 MiB, and
// clients that stall use up what all TCP connections of the machine share (tcp_mem of tcp(7)).
constexpr int kSendBuffer = 256 * 1024;
// Not a name that a client could send: the framing refuses it.
constexpr const char* kAcceptEncoding = "accept encoding";

// The library would queue accepted sockets for its workers; ours are handed on at once.
class RunAtOnce : public httplib::TaskQueue {
 public:
  // Nothing in older versions, whether there was room in newer ones.
  using Result = decltype(std::declval<httplib::TaskQueue&>().enqueue(nullptr));

  Result enqueue(std::function<void()> task) override {
    task();
    return static_cast<Result>(true);
  }
  void shutdown() override {}
};

// One framed request and its answer as the stream that the library works on: no socket beneath.
class MemoryStream : public httplib::Stream {
 public:
  // `request` must outlive this.
  MemoryStream(std::string_view request, std::string remote_ip)
      : request_(request), remote_ip_(std::move(remote_ip)) {}

  std::string TakeResponse() { return std::move(response_); }

  bool is_readable() const override { return !request_.empty(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* out, size_t size) override {
    size = request_.copy(out, size);
    request_.remove_prefix(size);
    return static_cast<ssize_t>(size);
  }
  ssize_t write(const char* bytes, size_t size) override {
    response_.append(bytes, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = remote_ip_;
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  std::string_view request_;
  const std::string remote_ip_;
  std::string response_;
};

// The body of the answer under way on this thread: kept out of the library's response, which would
// copy it, so that all connections share it.
thread_local std::shared_ptr<const std::string> shared_body;

httplib::Headers DefaultHeaders() {
  const auto& headers = StandardHeaders();
  return {headers.begin(), headers.end()};
}

// "GET http://host/path HTTP/1.1" is a request for /path (RFC 9112, 3.2.2).
std::string OriginForm(std::string_view request) {
  const std::string_view target = TargetOf(request);
  const auto start = static_cast<std::size_t>(target.data() - request.data());
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

// The library compresses on its own, with brotli at its slowest, and serves byte ranges of what
// changes under them.
void Simplify(httplib::Request& request) {
  const std::string accepted = request.get_header_value("Accept-Encoding");
  request.headers.erase("Accept-Encoding");
  request.headers.erase("Range");
  request.ranges.clear();
  request.headers.emplace(kAcceptEncoding, accepted);
}

}  // namespace

class HttplibServer::Impl : public httplib::Server {
 public:
  Impl(HttplibHooks hooks, std::chrono::seconds keep_alive) : hooks_(std::move(hooks)) {
    new_task_queue = [] { return new RunAtOnce; };
    set_socket_options([](socket_t fd) {
      // Not SO_REUSEPORT, the library's default: a second process would share the port unnoticed.
      const int on = 1;
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
      // Each accepted socket takes it from this one.
      ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
    });
    set_default_headers(DefaultHeaders());
    set_keep_alive_max_count(1'000);
    set_keep_alive_timeout(keep_alive.count());
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      Fill(hooks_.respond(RequestOf(request)), response);
      return HandlerResponse::Handled;
    });
    set_exception_handler([](const httplib::Request&, httplib::Response& response,
                             const std::exception_ptr&) { Fill(StatusPage(500), response); });
    set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (!shared_body) Fill(StatusPage(response.status), response);
    });
    set_logger([this](const httplib::Request& request, const httplib::Response& response) {
      hooks_.served(request.path, response.status);
    });
  }

  absl::StatusOr<int> Bind(const std::string& host, int port) {
    errno = 0;
    const int asked = port;
    const bool bound = port == 0 ? (port = bind_to_any_port(host)) > 0 : bind_to_port(host, port);
    if (!bound) {
      return absl::UnavailableError("cannot listen on " + host + ":" + std::to_string(asked) +
                                    ": " + (errno != 0 ? std::strerror(errno) : "no such address"));
    }
    ::listen(svr_sock_, kBacklog);
    return port;
  }

  void Accept() {
    accepting_ = std::thread([this] { listen_after_bind(); });
    while (!is_running()) std::this_thread::yield();  // stop() before that would be lost
  }

  void Shut() {
    if (!accepting_.joinable()) return;
    stop();
    accepting_.join();
  }

  Answer Serve(std::string_view framed, const std::string& remote_ip) {
    const std::string bytes = OriginForm(framed);
    MemoryStream stream(bytes, remote_ip);
    shared_body.reset();
    bool closed = false;
    const bool served = Process(stream, remote_ip, closed);
    const bool head_only = framed.starts_with("HEAD ");
    return {stream.TakeResponse(), head_only ? nullptr : std::move(shared_body), closed || !served};
  }

 private:
  bool process_and_close_socket(socket_t fd) override {
    hooks_.accepted(fd);
    return true;
  }

  // Newer versions are told both ends of the connection.
  template <typename Stream>
  bool Process(Stream& stream, const std::string& remote_ip, bool& closed) {
    if constexpr (requires { this->process_request(stream, false, closed, Simplify); }) {
      return this->process_request(stream, false, closed, Simplify);
    } else {
      return this->process_request(stream, remote_ip, 0, "", 0, false, closed, Simplify);
    }
  }

  const HttplibHooks hooks_;
  std::thread accepting_;
};

HttplibServer::HttplibServer(HttplibHooks hooks, std::chrono::seconds keep_alive)
    : impl_(std::make_unique<Impl>(std::move(hooks), keep_alive)) {}
HttplibServer::~HttplibServer() { Stop(); }

absl::StatusOr<int> HttplibServer::Bind(const std::string& host, int port) {
  return impl_->Bind(host, port);
}
void HttplibServer::Accept() { impl_->Accept(); }
void HttplibServer::Stop() { impl_->Shut(); }
Answer HttplibServer::Serve(std::string_view framed, const std::string& remote_ip) {
  return impl_->Serve(framed, remote_ip);
}

WebResponse StatusPage(int status) {
  const char* text = status == 404   ? "404 not found\n"
                     : status == 405 ? "405 method not allowed\n"
                     : status == 500 ? "500 internal error\n"
                                     : "400 bad request\n";
  return TextResponse(status, text);
}

}  // namespace chatscale
