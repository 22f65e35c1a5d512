#include "exporter/http/curl_exchange.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "exporter/model/build_info.h"

namespace chatscale {

namespace {

// With TLS 1.3 a server refuses our certificate only after the handshake: the alert then arrives
// while the request is sent or the response read.
bool IsTlsAlert(std::string_view detail) {
  return detail.find("SSL routines") != std::string_view::npos &&
         detail.find("alert") != std::string_view::npos;
}

// Malformed chunks have no result code of their own.
bool IsBrokenChunk(std::string_view detail) {
  return detail.find("chunk") != std::string_view::npos;  // versions word it differently
}

}  // namespace

ErrorKind KindOfCurlFailure(CURLcode code, std::string_view detail) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return ErrorKind::kConnect;
    case CURLE_OPERATION_TIMEDOUT:
      return ErrorKind::kTimeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CLIENTCERT:
      return ErrorKind::kTls;
    case CURLE_SEND_ERROR:
      return IsTlsAlert(detail) ? ErrorKind::kTls : ErrorKind::kConnect;
    case CURLE_RECV_ERROR:
      if (IsBrokenChunk(detail)) return ErrorKind::kProtocol;
      return IsTlsAlert(detail) ? ErrorKind::kTls : ErrorKind::kTruncated;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
      return ErrorKind::kTruncated;
    case CURLE_FILESIZE_EXCEEDED:
      return ErrorKind::kTooLarge;
    case CURLE_UNSUPPORTED_PROTOCOL:  // no status line: HTTP 0.9
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR:  // chunks or compression that cannot be decoded
      return ErrorKind::kProtocol;
    default:
      return ErrorKind::kInternal;
  }
}

std::string CurlFailureText(CURLcode code, std::string_view detail) {
  const ErrorKind kind = KindOfCurlFailure(code, detail);
  const bool quotable = kind == ErrorKind::kConnect || kind == ErrorKind::kTls;
  return quotable && !detail.empty() ? std::string(detail) : curl_easy_strerror(code);
}

namespace {

using Slist = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// Maximum age of a connection, so that a changed address or certificate is noticed.
constexpr long kConnectionLifetimeSeconds = 60;
constexpr long kCaFileLifetimeSeconds = 60;

// State of libcurl's callbacks while a response is received.
struct Receiver {
  std::size_t body_limit;
  std::size_t header_limit;
  HttpResponse response;
  std::size_t header_bytes = 0;
  bool headers_complete = false;
  const char* over_limit = nullptr;  // "body" or "header" when too large
};

std::size_t OnBody(char* data, std::size_t, std::size_t size, void* context) {
  auto* receiver = static_cast<Receiver*>(context);
  if (size > receiver->body_limit - receiver->response.body.size()) {
    receiver->over_limit = "body";
    return 0;
  }
  receiver->response.body.append(data, size);
  return size;
}

std::size_t OnHeaderLine(char* data, std::size_t, std::size_t size, void* context) {
  auto* receiver = static_cast<Receiver*>(context);
  receiver->header_bytes += size;
  if (receiver->header_bytes > receiver->header_limit) {
    receiver->over_limit = "header";
    return 0;
  }
  const std::string_view line(data, size);
  if (line == "\r\n" || line == "\n") receiver->headers_complete = true;
  if (line.substr(0, 5) == "HTTP/") receiver->headers_complete = false;  // after a 1xx block
  return size;
}

void Append(const std::string& line, Slist& list) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return;
  (void)list.release();
  list.reset(longer);
}

Slist HeaderLines(const HttpRequest& request) {
  Slist list(nullptr, &curl_slist_free_all);
  bool typed = false;
  for (const auto& [name, value] : request.headers) {
    // "Name;" is libcurl's spelling of an empty value; "Name:" would drop the header.
    Append(value.empty() ? name + ";" : name + ": " + value, list);
    typed = typed || absl::EqualsIgnoreCase(name, "Content-Type");
  }
  // No "Expect" round trip before large bodies; not when signing: libcurl would sign it wrongly.
  if (!request.aws.has_value()) Append("Expect:", list);
  if (!typed) Append("Content-Type:", list);
  return list;
}

void SetLimits(CURL* curl, const HttpClientOptions& options, absl::Duration timeout) {
  const long milliseconds =
      std::max<long>(1, static_cast<long>(absl::ToInt64Milliseconds(timeout)));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);  // a hanging resolver must not exceed the timeout
  curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE,
                   static_cast<curl_off_t>(options.max_body_bytes));
  curl_easy_setopt(curl, CURLOPT_MAXLIFETIME_CONN, kConnectionLifetimeSeconds);
  curl_easy_setopt(curl, CURLOPT_DNS_CACHE_TIMEOUT, 0L);  // lookup for each connection
  curl_easy_setopt(curl, CURLOPT_CA_CACHE_TIMEOUT, kCaFileLifetimeSeconds);
}

void SetPeer(CURL* curl, const HttpClientOptions& options) {
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  if (!options.environment_proxy) curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, options.any_server ? 0L : 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, options.any_server ? 0L : 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  if (!options.client_cert_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_SSLCERT, options.client_cert_file.c_str());
    curl_easy_setopt(curl, CURLOPT_SSLKEY, options.client_key_file.c_str());
  }
}

void SetRequest(CURL* curl, const HttpRequest& request, const Slist& headers) {
  static const std::string user_agent = absl::StrCat("chatscale/", kVersion);
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, user_agent.c_str());
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip, br");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  if (request.method == "GET") {
    curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
  } else if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else {
    if (request.method != "DELETE" || !request.body.empty()) {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void SetSignature(CURL* curl, const AwsSignature& aws) {
  const std::string scheme = absl::StrCat("aws:amz:", aws.region, ":", aws.service);
  curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, scheme.c_str());
  curl_easy_setopt(curl, CURLOPT_USERNAME, aws.key_id.c_str());
  curl_easy_setopt(curl, CURLOPT_PASSWORD, aws.secret.c_str());
}

void SetReceiver(CURL* curl, Receiver& receiver) {
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiver);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHeaderLine);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &receiver);
}

absl::Status StatusOf(CURLcode code, const char* detail, const Receiver& receiver) {
  if (receiver.over_limit != nullptr || code == CURLE_FILESIZE_EXCEEDED) {
    const bool header = receiver.over_limit != nullptr && receiver.over_limit[0] == 'h';
    return KindError(ErrorKind::kTooLarge,
                     absl::StrCat(header ? "headers" : "body", " over the limit of ",
                                  header ? receiver.header_limit : receiver.body_limit, " bytes"));
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return KindError(ErrorKind::kTimeout, "no complete response in time");
  }
  if (code != CURLE_OK) {
    return KindError(KindOfCurlFailure(code, detail), CurlFailureText(code, detail));
  }
  // libcurl takes a connection that closes within the headers for an empty response.
  if (!receiver.headers_complete) {
    return KindError(ErrorKind::kTruncated, "the response broke off within its headers");
  }
  return absl::OkStatus();
}

}  // namespace

CurlHandle NewCurlHandle() {
  [[maybe_unused]] static const bool once = [] {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    // With CURLOPT_NOSIGNAL libcurl does not ignore SIGPIPE; TLS writes to closed peers raise it.
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    if (before != SIG_DFL) std::signal(SIGPIPE, before);
    return true;
  }();
  return {curl_easy_init(), &curl_easy_cleanup};
}

absl::StatusOr<CurlResponse> CurlExchange(CURL* curl, const HttpClientOptions& options,
                                          const HttpRequest& request, absl::Duration timeout) {
  curl_easy_reset(curl);
  std::array<char, CURL_ERROR_SIZE> detail{};
  Receiver receiver{.body_limit = options.max_body_bytes, .header_limit = options.max_header_bytes};
  const Slist headers = HeaderLines(request);
  SetLimits(curl, options, timeout);
  SetPeer(curl, options);
  SetRequest(curl, request, headers);
  if (request.aws.has_value()) SetSignature(curl, *request.aws);
  SetReceiver(curl, receiver);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail.data());
  const CURLcode code = curl_easy_perform(curl);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  const char* redirect = nullptr;
  curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &redirect);
  CurlResponse out{.http = std::move(receiver.response),
                   .redirect_url = redirect == nullptr ? "" : redirect};
  out.http.status = static_cast<int>(status);
  const absl::Status result = StatusOf(code, detail.data(), receiver);
  curl_easy_reset(curl);  // the handle outlives the local objects it points to
  if (!result.ok()) return result;
  return out;
}

}  // namespace chatscale
