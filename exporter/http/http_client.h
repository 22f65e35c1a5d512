// Sends HTTP requests to the places the configuration names, and to no others.
//
//   HttpClient client({.ca_file = "/etc/ssl/ours.pem"});
//   absl::StatusOr<HttpAnswer> answer =
//       client.Get("https://proc.internal/monitoring/system", headers, absl::Seconds(5));
//
// What a hostile or broken server can cost is bounded: time in all (not per read), bytes of body
// after decompression, bytes of headers. A redirect is followed only within the same scheme, host
// and port, so headers never reach a server they were not meant for. Certificates are verified,
// but for `any_server`; TLS is 1.2 or later. Cookies are not kept.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace chatscale {

// One HTTP request and its answer, as values.

// Names and values, in the order sent. Values may be secret: never print them.
using Headers = std::vector<std::pair<std::string, std::string>>;

// Signs a request as AWS does (Signature Version 4). Known to be right for POST to "/" only.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
struct AwsSignature {
  std::string region, service;
  std::string key_id, secret;  // never print the secret
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http or https
  Headers headers;
  std::string body;  // ignored for GET and HEAD
  std::optional<AwsSignature> aws;
};

struct HttpAnswer {
  int status = 0;
  std::string body;  // decompressed
};

// What may be said about a URL, and where it leads. Pure.

// A URL to put paths behind: http or https, a host, a port other than 0; no query and no fragment,
// and "user:password@" only where that is taken. A trailing slash is cut off.
enum class UserInUrl { kRefused, kTaken };
std::optional<std::string> BaseUrlFrom(std::string_view text, UserInUrl user = UserInUrl::kRefused);

// "host:port/path": without user, password, query and fragment. Empty when `url` is not one of
// http or https.
std::string UrlName(const std::string& url);

// Both valid, and of one scheme, host and port.
bool SameOrigin(const std::string& a, const std::string& b);

// The headers of the next request: fixed ones, and one whose value may live in a file, because
// tokens expire and are replaced while we run.

struct HeaderSourceOptions {
  Headers fixed;
  std::string file_header;  // name; empty when no value comes from a file
  std::string value_file;
  // Told once when the file turns unusable (kAuth) and once, with OK, when it is usable again.
  // Called by the thread that asks for headers; never with a value in the message.
  std::function<void(const absl::Status&)> on_change;
};

// Thread-safe.
class HeaderSource {
 public:
  explicit HeaderSource(HeaderSourceOptions options) : options_(std::move(options)) {}

  // The file is read every time: it is small, and a look at its times can miss a change. Blanks
  // around the value are dropped. While the file cannot be used (see ReadSecretFile), as during a
  // replacement, the last good value stays.
  // Errors: kAuth when there never was a good value; kInternal when a name or fixed value cannot be
  // sent.
  absl::StatusOr<Headers> Next();

 private:
  const HeaderSourceOptions options_;
  std::mutex mutex_;
  std::string last_good_;
  bool usable_ = true;  // the file, when last read
};

struct HttpClientOptions {
  // PEM files; read again for new connections, so they may be replaced while we run.
  std::string ca_file;           // empty: the system's authorities
  std::string client_cert_file;  // empty: none
  std::string client_key_file;
  bool any_server = false;  // whatever its certificate: for ourselves on this host only
  // Through what http_proxy, HTTPS_PROXY and ALL_PROXY name, but for NO_PROXY; else never.
  bool environment_proxy = false;
  std::size_t max_body_bytes = std::size_t{8} << 20;     // decompressed
  std::size_t max_header_bytes = std::size_t{64} << 10;  // of all header blocks of one answer
};

// Thread-safe: concurrent calls use connections of their own, later calls reuse them.
// Sets SIGPIPE to ignored in the process, where it is still at its default.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The complete answer, whatever its status, within `timeout` in all. Errors:
  //   kConnect    refused, no route, name not found     kTimeout   no complete answer in time
  //   kTls        handshake, certificate, or our files  kTruncated the answer broke off
  //   kTooLarge   body or headers over their limit      kProtocol  the answer is not HTTP
  //   kInternal   not a request we can send: URL or headers are invalid
  // Messages name method, host, port and path: no user, query, header value or body.
  absl::StatusOr<HttpAnswer> Exchange(const HttpRequest& request, absl::Duration timeout);

  // As Exchange, and any status but 2xx is an error that carries it (SetHttpStatus): kAuth for 401
  // and 403, else kHttp.
  absl::StatusOr<HttpAnswer> Send(const HttpRequest& request, absl::Duration timeout);
  absl::StatusOr<HttpAnswer> Get(std::string_view url, const Headers& headers,
                                 absl::Duration timeout);

 private:
  class Handles;

  const HttpClientOptions options_;
  const std::unique_ptr<Handles> handles_;
};

}  // namespace chatscale
