#include "exporter/redis/wire/redis_url.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace chatscale::redis {
namespace {

std::optional<int> ParseBoundedInt(std::string_view text, int low, int high) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < low || value > high) return std::nullopt;
  return value;
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr ==
            text.data() + i + 3) {
      out.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

void TakeCredentials(std::string_view& rest, Address& address) {
  const std::size_t at = rest.rfind('@');
  if (at == std::string_view::npos) return;
  const std::string_view credentials = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  const std::size_t colon = credentials.find(':');
  if (colon == std::string_view::npos) {
    address.user = PercentDecode(credentials);
    return;
  }
  address.user = PercentDecode(credentials.substr(0, colon));
  address.password = PercentDecode(credentials.substr(colon + 1));
}

absl::Status Bad(std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("REDIS_URL: ", absl::string_view(what.data(), what.size())));
}

constexpr int kMostDb = 1 << 20;

// Options of redis-py's own client: pooling, timeouts, decoding, health checks. Ignored here.
constexpr std::string_view kPassedOver[] = {
    "socket_timeout",  "socket_connect_timeout", "socket_keepalive",  "retry_on_timeout",
    "retry_on_error",  "max_connections",        "decode_responses",  "encoding",
    "encoding_errors", "health_check_interval",  "client_name",       "timeout",
    "protocol",        "socket_read_size",       "ssl_check_hostname"};

absl::Status TakeOption(std::string_view name, std::string_view value, Address& address) {
  if (name == "db") {
    const auto db = ParseBoundedInt(value, 0, kMostDb);
    if (!db.has_value()) return Bad("the option db must be a number");
    address.db = *db;
    return absl::OkStatus();
  }
  if (name == "username" || name == "password") {
    (name == "username" ? address.user : address.password) = PercentDecode(value);
    return absl::OkStatus();
  }
  if (name == "ssl_cert_reqs" && value != "required") {
    return Bad(
        "the option ssl_cert_reqs must be required: certificates are always verified, by "
        "REDIS_TLS_CA_FILE where it is set");
  }
  if (name == "ssl_check_hostname" &&
      absl::EqualsIgnoreCase(absl::string_view(value.data(), value.size()), "false")) {
    return Bad("the option ssl_check_hostname must be true: host names are always verified");
  }
  if (name == "ssl_ca_certs")
    return Bad("instead of the option ssl_ca_certs set REDIS_TLS_CA_FILE");
  const bool known =
      name == "ssl_cert_reqs" ||
      std::find(std::begin(kPassedOver), std::end(kPassedOver), name) != std::end(kPassedOver);
  if (known) return absl::OkStatus();
  return Bad(std::string("unknown option \"")
                 .append(name.substr(0, 40))
                 .append("\"; db is the one that means something here"));
}

// `query`: the part after the '?'.
absl::Status TakeOptions(std::string_view query, Address& address) {
  while (!query.empty()) {
    const std::string_view option = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), option.size() + 1));
    const std::size_t equals = std::min(option.find('='), option.size());
    if (option.empty()) continue;
    absl::Status status = TakeOption(option.substr(0, equals),
                                     option.substr(std::min(equals + 1, option.size())), address);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<Address> ParseUnix(std::string_view rest, Address address) {
  if (!rest.starts_with('/')) return Bad("a unix socket needs an absolute path");
  address.unix_path = PercentDecode(rest);
  return address;
}

absl::StatusOr<Address> ParseTcp(std::string_view rest, Address address) {
  const std::size_t slash = rest.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view db_text = rest.substr(slash + 1);
    if (!db_text.empty()) {
      const auto db = ParseBoundedInt(db_text, 0, kMostDb);
      if (!db.has_value()) return Bad("the database must be a number");
      address.db = *db;
    }
    rest = rest.substr(0, slash);
  }
  std::size_t colon = rest.rfind(':');
  if (rest.starts_with('[')) {  // [::1]:6379
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos) return Bad("missing ] after an IPv6 address");
    address.host = rest.substr(1, close - 1);
    colon = rest.find(':', close);
  } else {
    address.host = rest.substr(0, colon);
  }
  if (address.host.empty()) return Bad("a host is missing");
  if (colon != std::string_view::npos) {
    const auto port = ParseBoundedInt(rest.substr(colon + 1), 1, 65535);
    if (!port.has_value()) return Bad("the port must be a number between 1 and 65535");
    address.port = *port;
  }
  return address;
}

}  // namespace

std::string Address::Printable() const {
  if (!unix_path.empty()) return "unix://" + unix_path;
  return (tls ? "rediss://" : "redis://") + host + ":" + std::to_string(port) + "/" +
         std::to_string(db);
}

absl::StatusOr<Address> ParseUrl(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return Bad("expected redis://host:port/db");
  const std::string_view scheme = url.substr(0, scheme_end);
  std::string_view rest = url.substr(scheme_end + 3);
  Address address;
  TakeCredentials(rest, address);
  const std::size_t question = rest.find('?');
  if (question != std::string_view::npos) {
    const std::string_view query = rest.substr(question + 1);
    rest = rest.substr(0, question);
    if (absl::Status status = TakeOptions(query, address); !status.ok()) return status;
  }
  if (scheme == "unix" || scheme == "redis+unix" || scheme == "redis+socket") {
    return ParseUnix(rest, std::move(address));
  }
  address.tls = scheme == "rediss";
  if (address.tls || scheme == "redis") return ParseTcp(rest, std::move(address));
  return Bad("the scheme must be redis, rediss, unix or redis+unix");
}

}  // namespace chatscale::redis
