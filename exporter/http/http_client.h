// HTTP client: sends requests to the servers of the configuration, and to no others.
//
//   HttpClient client({.ca_file = "/etc/ssl/ours.pem"});
//   absl::StatusOr<HttpResponse> response =
//       client.Get("https://proc.internal/monitoring/system", headers, absl::Seconds(5));
//
// Bounded against a hostile or broken server: the total time (not per read), the bytes of the body
// after decompression, the bytes of headers. A redirect is followed only within the same scheme,
// host and port, so that headers reach no other server. Certificates are verified, except with
// `any_server`; TLS is 1.2 or later. Cookies are not kept.
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

// Names and values, in the order sent. Values may be secret: never print them.
using Headers = std::vector<std::pair<std::string, std::string>>;

// Signs a request with AWS Signature Version 4. Verified for POST to "/" only.
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

struct HttpResponse {
  int status = 0;
  std::string body;  // decompressed
};

// Parses a base URL, to which paths are appended: http or https, a host, a port other than 0; no
// query, no fragment, and "user:password@" only with kTaken. Removes a trailing slash. Pure.
enum class UserInUrl { kRefused, kTaken };
std::optional<std::string> BaseUrlFrom(std::string_view text, UserInUrl user = UserInUrl::kRefused);

// "host:port/path", for messages: without user, password, query and fragment. Empty when `url` is
// neither http nor https. Pure.
std::string UrlName(const std::string& url);

// True when both are valid, with the same scheme, host and port. Pure.
bool SameOrigin(const std::string& a, const std::string& b);

struct HeaderSourceOptions {
  Headers fixed;
  std::string file_header;  // name; empty when no value comes from a file
  std::string value_file;
  // Callback: called once when the file becomes unusable (kAuth) and once, with OK, when it is
  // usable again; on the thread that calls Next, never with a value in the message.
  std::function<void(const absl::Status&)> on_change;
};

// The headers of the next request: fixed ones, and one whose value is in a file, as tokens expire
// and are replaced at run time. Thread-safe.
class HeaderSource {
 public:
  explicit HeaderSource(HeaderSourceOptions options) : options_(std::move(options)) {}

  // Reads the file every time: it is small, and its modification time can miss a change. Blanks
  // around the value are removed. While the file is unusable (see ReadSecretFile), as during a
  // replacement, the last good value is used.
  // Errors: kAuth when there never was a good value; kInternal for an invalid name or fixed value.
  absl::StatusOr<Headers> Next();

 private:
  const HeaderSourceOptions options_;
  std::mutex mutex_;
  std::string last_good_;
  bool usable_ = true;  // the file was usable when last read
};

struct HttpClientOptions {
  // PEM files; read again for new connections, so they may be replaced at run time.
  std::string ca_file;           // empty: the system's authorities
  std::string client_cert_file;  // empty: none
  std::string client_key_file;
  bool any_server = false;  // no verification; only for requests to ourselves on this host
  // Uses the proxies of http_proxy, HTTPS_PROXY, ALL_PROXY and NO_PROXY; else no proxy.
  bool environment_proxy = false;
  std::size_t max_body_bytes = std::size_t{8} << 20;     // decompressed
  std::size_t max_header_bytes = std::size_t{64} << 10;  // of all header blocks of one response
};

// Thread-safe: concurrent calls use connections of their own, later calls reuse them.
// Ignores SIGPIPE in the process, unless it has a handler.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The complete response, whatever its status, within `timeout` in total. Errors:
  //   kConnect    refused, no route, name not found     kTimeout   no complete response in time
  //   kTls        handshake, certificate, or our files  kTruncated the response broke off
  //   kTooLarge   body or headers over their limit      kProtocol  the response is not HTTP
  //   kInternal   URL or headers of the request are invalid
  // Messages contain method, host, port and path, but no user, query, header value or body.
  absl::StatusOr<HttpResponse> Exchange(const HttpRequest& request, absl::Duration timeout);

  // As Exchange, but any status other than 2xx is an error with that status (SetHttpStatus): kAuth
  // for 401 and 403, else kHttp.
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request, absl::Duration timeout);
  absl::StatusOr<HttpResponse> Get(std::string_view url, const Headers& headers,
                                   absl::Duration timeout);

 private:
  class Handles;

  const HttpClientOptions options_;
  const std::unique_ptr<Handles> handles_;
};

}  // namespace chatscale
