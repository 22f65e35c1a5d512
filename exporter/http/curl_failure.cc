#include "exporter/http/curl_failure.h"

namespace chatscale {
namespace {

// With TLS 1.3 a server refuses our certificate only after the handshake: the alert is then found
// while reading the answer or sending the request.
bool IsTlsAlert(std::string_view detail) {
  return detail.find("SSL routines") != std::string_view::npos &&
         detail.find("alert") != std::string_view::npos;
}

// Malformed chunks have no code of their own.
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
    case CURLE_UNSUPPORTED_PROTOCOL:  // an answer without a status line: HTTP 0.9
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

}  // namespace chatscale
