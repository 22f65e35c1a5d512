#include "exporter/sources/redis/redis_url.h"

#include <charconv>
#include <optional>

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

absl::StatusOr<Address> ParseUnix(std::string_view rest, Address address) {
  const std::size_t query = rest.find('?');
  if (query != std::string_view::npos) {
    const std::string_view option = rest.substr(query + 1);
    const auto db =
        option.starts_with("db=") ? ParseBoundedInt(option.substr(3), 0, 1 << 20) : std::nullopt;
    if (!db.has_value()) return Bad("the only option of a unix socket is ?db=N");
    address.db = *db;
    rest = rest.substr(0, query);
  }
  if (!rest.starts_with('/')) return Bad("a unix socket needs an absolute path");
  address.unix_path = PercentDecode(rest);
  return address;
}

absl::StatusOr<Address> ParseTcp(std::string_view rest, Address address) {
  const std::size_t slash = rest.find_first_of("/?");
  if (slash != std::string_view::npos) {
    std::string_view db_text = rest.substr(slash + 1);
    if (rest[slash] == '?') {
      if (!db_text.starts_with("db=")) return Bad("the only option is ?db=N");
      db_text.remove_prefix(3);
    }
    if (!db_text.empty()) {
      const auto db = ParseBoundedInt(db_text, 0, 1 << 20);
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
  } else if (colon != 0 && !rest.empty()) {
    address.host = rest.substr(0, colon);
  }
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
  if (scheme == "unix" || scheme == "redis+unix" || scheme == "redis+socket") {
    return ParseUnix(rest, std::move(address));
  }
  address.tls = scheme == "rediss";
  if (address.tls || scheme == "redis") return ParseTcp(rest, std::move(address));
  return Bad("the scheme must be redis, rediss, unix or redis+unix");
}

}  // namespace chatscale::redis
