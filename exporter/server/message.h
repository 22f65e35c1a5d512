// Requests, responses and the Authenticator interface of the HTTP server: no sockets, no library.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chatscale {

struct WebRequest {
  std::string method;                          // "GET", "HEAD", "POST"
  std::string path;                            // decoded, without the query
  std::map<std::string, std::string> query;    // decoded; the first value of a name counts
  bool repeated_parameter = false;             // a name of the query occurs twice
  std::map<std::string, std::string> headers;  // names in lower case; the first value counts

  std::string Header(const std::string& lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? "" : found->second;
  }
  // "" when absent.
  std::string Query(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? "" : found->second;
  }
};

struct WebResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::shared_ptr<const std::string> body;  // null: empty
  std::vector<std::pair<std::string, std::string>> headers;
};

WebResponse TextResponse(int status, std::string text);
WebResponse JsonResponse(int status, std::string json);
WebResponse HtmlResponse(std::string html);
WebResponse StatusPage(int status);  // explains an error status

// `accept_encoding` (RFC 9110, 12.5.3) accepts a gzip response.
bool AcceptsGzip(std::string_view accept_encoding);

struct AuthRequest {
  std::string_view path;           // as sent, without the query
  std::string_view authorization;  // the header; "" without one
  std::string_view network;        // see Connection
};

// Authentication, before anything else is done for a request.
class Authenticator {
 public:
  enum class Verdict { kAdmit, kNeedsVerification, kUnauthorized, kTooMany };

  virtual ~Authenticator() = default;

  // Fast: hashes no password. After kNeedsVerification, the caller must call Verify or Abandon.
  virtual Verdict Check(const AuthRequest& request) = 0;
  // Verifies the password, which takes long. Never kNeedsVerification.
  virtual Verdict Verify(const AuthRequest& request) = 0;
  virtual void Abandon(const AuthRequest& request) = 0;

  using Headers = std::vector<std::pair<std::string, std::string>>;
  // Headers of every response; they replace a standard one of the same name. Never null.
  virtual std::shared_ptr<const Headers> ExtraHeaders() const = 0;
};

}  // namespace chatscale
