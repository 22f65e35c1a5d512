#include "exporter/net/tls_error.h"

#include <openssl/err.h>

namespace chatscale {

std::string LastTlsError() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = reason != nullptr ? reason : "unknown error";
  ERR_clear_error();
  return text;
}

}  // namespace chatscale
