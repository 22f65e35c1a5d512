#include "exporter/server/http_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <thread>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "exporter/files/log.h"
#include "exporter/model/clock.h"
#include "exporter/server/connection_stream.h"
#include "exporter/server/connection_table.h"
#include "exporter/server/connection_threads.h"

namespace chatscale {
namespace {

using SteadyClock = std::chrono::steady_clock;
using httplib::Request;
using httplib::Response;

constexpr int kBacklog = 512;  // the library's default is 5
// The kernel's buffer for a client that does not read. By default it grows to 4 MiB, and clients
// that stall exhaust the memory of all TCP connections of the machine (tcp_mem of tcp(7)).
constexpr int kSendBuffer = 256 * 1024;
const prometheus::Histogram::BucketBoundaries kDurationBuckets = {0.005, 0.025, 0.1, 0.5, 2.5, 10};

httplib::Headers StandardHeaders() {
  return {{"X-Content-Type-Options", "nosniff"},
          {"X-Frame-Options", "DENY"},
          {"Referrer-Policy", "no-referrer"},
          {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
          {"Cache-Control", "no-store"},
          {"Accept-Ranges", "none"}};
}

void SetHeader(Response& response, const std::string& name, const std::string& value) {
  response.headers.erase(name);
  response.set_header(name, value);
}

WebRequest RequestOf(const Request& from) {
  WebRequest request;
  request.method = from.method;
  request.path = from.path;
  for (const auto& [name, value] : from.params) {
    if (!request.query.emplace(name, value).second) request.repeated_parameter = true;
  }
  for (const auto& [name, value] : from.headers) {
    request.headers.emplace(absl::AsciiStrToLower(name), value);
  }
  return request;
}

// A regular expression that matches exactly `path`.
std::string PatternOf(const std::string& path) { return absl::StrReplaceAll(path, {{".", "\\."}}); }

// The current request of this thread.
struct Exchange {
  Connection* connection;
  const RequestHead* head;
  std::string route = "other";
  bool routed = false;  // a handler made the response
  bool proves = false;  // a 200 makes the connection kTrusted
  bool close = false;   // after this response
  int status = 0;       // of the response
  Stopwatch begun;
  std::shared_ptr<const std::string> body;  // shared by all its responses
};
thread_local Exchange* exchange = nullptr;

// The body is not copied: the library would copy it, compress it and serve ranges of it.
void Fill(const WebResponse& from, Response& response) {
  response.status = from.status;
  for (const auto& [name, value] : from.headers) SetHeader(response, name, value);
  response.headers.erase("Content-Type");
  exchange->body = from.body;
  if (!from.body || from.body->empty()) {
    response.set_content("", from.content_type);
    return;
  }
  response.set_content_provider(
      from.body->size(), from.content_type,
      [body = from.body](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        return sink.write(body->data() + offset, length);
      });
}

}  // namespace

class HttpServer::Impl : public httplib::Server {
 public:
  explicit Impl(HttpServerOptions options)
      : options_(std::move(options)),
        requests_(options_.self->Counter("chat.exporter.http_requests_total")),
        durations_(options_.self->Histogram("chat.exporter.http_request_duration_seconds")),
        table_(options_.max_connections, options_.max_unsent_bytes, *options_.self),
        shared_(options_.gate),
        long_({.running = 4, .waiting = 8}),
        // How many wait for it is the authenticator's decision.
        verification_({.running = 1, .timeout = std::chrono::seconds(10)}),
        // One at a time: each costs a signature, and the other core serves those who have finished.
        handshake_({.running = 1,
                    .waiting = options_.max_connections,
                    .waiting_per_network = options_.max_connections}) {
    set_socket_options([](socket_t fd) {
      // Not SO_REUSEPORT, the library's default: a second process would share the port unnoticed.
      const int on = 1;
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
      // Inherited by each accepted socket.
      ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
    });
    set_tcp_nodelay(true);
    set_default_headers(StandardHeaders());
    set_keep_alive_max_count(1'000);  // in the Keep-Alive header only; there is no limit
    set_keep_alive_timeout(
        std::chrono::duration_cast<std::chrono::seconds>(options_.deadlines.idle).count());
    set_pre_routing_handler([this](const Request& request, Response& response) {
      const bool handled = !Admit(request, response) || RunPrefixRoute(request, response);
      return handled ? HandlerResponse::Handled : HandlerResponse::Unhandled;
    });
    set_exception_handler([](const Request&, Response& response, const std::exception_ptr&) {
      Fill(StatusPage(500), response);
    });
    set_error_handler(HandlerWithResponse([this](const Request& request, Response& response) {
      if (!exchange->routed) Refuse(request.path, response);
      return HandlerResponse::Handled;
    }));
    set_post_routing_handler([this](const Request&, Response& response) { Complete(response); });
    set_logger([this](const Request&, const Response& response) { Record(response.status); });
  }

  ~Impl() override {
    Shut();
    threads_.Stop(SteadyClock::time_point::max());
    if (svr_sock_ != INVALID_SOCKET) ::close(svr_sock_);
  }

  void Route(const std::string& path, std::string_view method, HttpServer::Handler handler,
             RouteGate kind) {
    std::string& allowed = allowed_[path];
    const bool post = method == "POST";
    allowed += (allowed.empty() ? "" : ", ") + std::string(post ? "POST" : "GET, HEAD");
    const auto run = [this, path, handler = std::move(handler), kind](const Request& request,
                                                                      Response& response) {
      exchange->route = path;
      exchange->routed = true;
      exchange->proves = kind != RouteGate::kProbe;
      RequestGate* const gate = kind == RouteGate::kShared ? &shared_
                                : kind == RouteGate::kLong ? &long_
                                                           : nullptr;
      InTurn(gate, response, [&] { return handler(RequestOf(request)); });
    };
    if (path.ends_with("/*")) {
      prefix_routes_.emplace(path.substr(0, path.size() - 1), run);
    } else if (post) {
      httplib::Server::Post(PatternOf(path), run);
    } else {
      httplib::Server::Get(PatternOf(path), run);
    }
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
    ::listen(svr_sock_, kBacklog);
    accepting_ = std::thread([this] { Accept(); });
    return port;
  }

  bool Shut() {
    stopping_ = true;
    for (RequestGate* gate : {&shared_, &long_, &verification_, &handshake_}) gate->Close();
    table_.StopReading();  // before the join: Accept may wait in the table for evicted connections
    if (accepting_.joinable()) {
      ::shutdown(svr_sock_, SHUT_RDWR);  // wakes accept; closed after all responses are written
      accepting_.join();
    }
    const auto deadline = SteadyClock::now() + options_.stop_grace;
    if (!table_.AwaitEmpty(deadline)) {
      table_.ShutDownAll();
      table_.AwaitEmpty(SteadyClock::now() + std::chrono::milliseconds(200));
    }
    return threads_.Stop(SteadyClock::now() + std::chrono::milliseconds(200));
  }

 private:
  using Verdict = Authenticator::Verdict;

  // The library's own loop ends for good, unlogged, when the system is out of files or memory.
  void Accept() {
    int failed = 0;  // errno, logged once per change
    while (!stopping_) {
      const int fd = ::accept4(svr_sock_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd >= 0) {
        failed = 0;
        Adopt(fd);
      } else if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO && !stopping_) {
        table_.Count("accept");
        if (std::exchange(failed, errno) != errno) {
          Log(LogLevel::kError, "cannot accept connections", {{"error", std::strerror(errno)}});
        }
        absl::SleepFor(absl::Milliseconds(50));
      }
    }
  }

  void Adopt(int fd) {
    const auto rank =
        options_.tls ? ConnectionClass::kHandshaking : ConnectionClass::kUnauthenticated;
    const std::shared_ptr<Connection> connection = table_.Add(fd, rank);
    if (!connection) {
      ::close(fd);
    } else if (!RunInPlaceOfOthers(connection)) {
      table_.Remove(connection, "no_thread");
    }
  }

  // When no thread can be created, retries with that of an evicted or just ended connection.
  bool RunInPlaceOfOthers(const std::shared_ptr<Connection>& connection) {
    constexpr std::chrono::milliseconds kMaxWait{200};
    const auto serve = [this, connection] { Serve(connection); };
    if (threads_.Run(serve)) return true;
    table_.EvictInPlaceOf(*connection);
    return threads_.Run(serve, SteadyClock::now() + kMaxWait);
  }

  // Runs on the connection's thread until the connection ends.
  void Serve(const std::shared_ptr<Connection>& connection) {
    using Outcome = ConnectionStream::Outcome;
    ConnectionStream stream(*connection, options_.deadlines,
                            options_.tls ? options_.tls() : nullptr,
                            [&] { table_.HoldUnsent(*connection, exchange->body); });
    Outcome outcome = stream.Handshake(handshake_);
    if (outcome == Outcome::kOk && options_.tls) {
      table_.SetClass(*connection, ConnectionClass::kUnauthenticated);
    }
    while (outcome == Outcome::kOk) {
      if (!table_.Enter(*connection, ConnectionStage::kReading)) break;
      outcome = stream.AwaitHead();
      if (outcome != Outcome::kOk) break;
      if (!table_.Enter(*connection, ConnectionStage::kHandling)) break;
      bool last = false;
      outcome = ServeRequest(*connection, stream, last);
      if (last) break;
    }
    if (outcome == Outcome::kTls) table_.Count("tls");
    if (outcome == Outcome::kOk || outcome == Outcome::kTls) {
      // A closing connection is the first to be evicted.
      table_.SetClass(*connection, ConnectionClass::kHandshaking);
      table_.Enter(*connection, ConnectionStage::kReading);
      stream.Close();
    }
    table_.Remove(connection, outcome == Outcome::kSlow ? "slow" : "");
  }

  // Serves one request. `last`: the connection is closed after it.
  ConnectionStream::Outcome ServeRequest(Connection& connection, ConnectionStream& stream,
                                         bool& last) {
    const RequestHead& head = stream.head();
    Exchange now{.connection = &connection, .head = &head};
    now.close = head.refusal != 0 || head.announces_body || stopping_;
    exchange = &now;
    bool closed = false;
    const bool served = Process(stream, closed);
    const auto outcome = stream.Flush();
    exchange = nullptr;
    last = !served || closed || now.close;
    table_.SetLastResponse(connection, now.status == 200);
    if (now.status == 200 && now.proves) table_.SetClass(connection, ConnectionClass::kTrusted);
    return outcome;
  }

  // Newer versions of the library have more parameters: both ends of the connection.
  template <typename Stream>
  bool Process(Stream& stream, bool& closed) {
    // No body is read; without a length the library would wait for one until the client closes.
    const auto without_body = [](Request& request) {
      request.headers.erase("Content-Length");
      request.headers.emplace("Content-Length", "0");
    };
    if constexpr (requires { this->process_request(stream, false, closed, without_body); }) {
      return this->process_request(stream, false, closed, without_body);
    } else {
      return this->process_request(stream, exchange->connection->address, 0, "", 0, false, closed,
                                   without_body);
    }
  }

  // Prefix routes are matched here: the library's regex recursion is as deep as the path is long.
  bool RunPrefixRoute(const Request& request, Response& response) const {
    constexpr std::size_t kLongest = 300;
    if (request.method != "GET" && request.method != "HEAD") return false;
    for (const auto& [prefix, run] : prefix_routes_) {
      const bool fits = request.path.starts_with(prefix) && request.path.size() > prefix.size() &&
                        request.path.size() <= prefix.size() + kLongest;
      if (!fits) continue;
      run(request, response);
      return true;
    }
    return false;
  }

  // Authentication. True: the request is admitted. Else `response` is complete.
  bool Admit(const Request& request, Response& response) {
    if (const int refusal = exchange->head->refusal) {
      table_.Count(refusal == 431 || refusal == 413 ? "too_large" : "malformed");
      const std::string& explanation = exchange->head->explanation;
      Finish(explanation.empty() ? StatusPage(refusal) : TextResponse(refusal, explanation),
             response);
      return false;
    }
    if (options_.authenticator == nullptr) return true;
    if (allowed_.contains(request.path)) exchange->route = request.path;
    const AuthRequest who{exchange->head->path, exchange->head->authorization,
                          exchange->connection->network};
    Verdict verdict = options_.authenticator->Check(who);
    if (verdict == Verdict::kNeedsVerification) verdict = VerifyInTurn(who);
    if (verdict == Verdict::kAdmit) return true;
    WebResponse refused = StatusPage(verdict == Verdict::kUnauthorized ? 401 : 429);
    if (refused.status == 401) {
      refused.headers.emplace_back("WWW-Authenticate",
                                   "Basic realm=\"chatscale\", charset=\"UTF-8\"");
    } else {
      refused.headers.emplace_back("Retry-After", "1");
    }
    Finish(refused, response);  // closes: the next guess costs a connection
    return false;
  }

  Verdict VerifyInTurn(const AuthRequest& who) {
    if (EnterGate(verification_) != RequestGate::Outcome::kEntered) {
      options_.authenticator->Abandon(who);
      return Verdict::kTooMany;
    }
    const Verdict verdict = options_.authenticator->Verify(who);
    verification_.Leave();
    return verdict;
  }

  RequestGate::Outcome EnterGate(RequestGate& gate) {
    Connection& connection = *exchange->connection;
    table_.Enter(connection, ConnectionStage::kWaiting);
    const RequestGate::Outcome outcome = gate.Enter(connection);
    if (table_.Enter(connection, ConnectionStage::kHandling)) return outcome;
    if (outcome == RequestGate::Outcome::kEntered) gate.Leave();
    return RequestGate::Outcome::kGone;
  }

  void InTurn(RequestGate* gate, Response& response, absl::FunctionRef<WebResponse()> make) {
    if (gate == nullptr) return Fill(make(), response);
    const RequestGate::Outcome outcome = EnterGate(*gate);
    if (outcome == RequestGate::Outcome::kEntered) {
      const absl::Cleanup leave = [gate] { gate->Leave(); };
      return Fill(make(), response);
    }
    table_.Count(outcome == RequestGate::Outcome::kBusy ? "busy" : "gone");
    WebResponse busy = StatusPage(503);
    busy.headers.emplace_back("Retry-After", "1");
    Finish(busy, response);
  }

  // The last response of the connection.
  static void Finish(const WebResponse& from, Response& response) {
    exchange->routed = true;
    exchange->close = true;
    Fill(from, response);
  }

  // The response when no route matches. The library has no 405.
  void Refuse(const std::string& path, Response& response) const {
    const auto route = allowed_.find(path);
    if (route == allowed_.end()) {
      exchange->close = exchange->close || response.status != 404;
      return Fill(StatusPage(response.status), response);
    }
    WebResponse refusal = StatusPage(405);
    refusal.headers.emplace_back("Allow", route->second);
    exchange->route = path;
    Fill(refusal, response);
  }

  void Complete(Response& response) const {
    SetHeader(response, "Date",
              absl::FormatTime("%a, %d %b %E4Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone()));
    if (options_.authenticator != nullptr) {
      for (const auto& [name, value] : *options_.authenticator->ExtraHeaders()) {
        SetHeader(response, name, value);
      }
    }
    if (!exchange->close) return;
    response.headers.erase("Keep-Alive");
    SetHeader(response, "Connection", "close");
  }

  void Record(int status) {
    exchange->status = status;
    requests_.Add({{"handler", exchange->route}, {"code", std::to_string(status)}}).Increment();
    durations_.Add({{"handler", exchange->route}}, kDurationBuckets)
        .Observe(absl::ToDoubleSeconds(exchange->begun.Elapsed()));
  }

  HttpServerOptions options_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& durations_;
  ConnectionTable table_;
  RequestGate shared_, long_, verification_, handshake_;
  ConnectionThreads threads_;
  std::map<std::string, std::string> allowed_;                     // methods by path
  std::map<std::string, httplib::Server::Handler> prefix_routes_;  // GET
  std::thread accepting_;
  std::atomic<bool> stopping_{false};
};

HttpServer::HttpServer(HttpServerOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpServer::~HttpServer() = default;

void HttpServer::Get(const std::string& path, Handler handler, RouteGate kind) {
  impl_->Route(path, "GET", std::move(handler), kind);
}

void HttpServer::Post(const std::string& path, Handler handler, RouteGate kind) {
  impl_->Route(path, "POST", std::move(handler), kind);
}

absl::StatusOr<int> HttpServer::Start() { return impl_->Open(); }
bool HttpServer::Stop() { return impl_->Shut(); }

}  // namespace chatscale
