#include "exporter/server/web_config.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "exporter/files/files.h"
#include "exporter/files/yaml_text.h"
#include "exporter/server/credentials.h"

namespace chatscale {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;  // of each file

// Reads the YAML tree; keeps the first fault.
class Reader {
 public:
  explicit Reader(std::string name)
      : name_(std::move(name)), folder_(std::filesystem::path(name_).parent_path()) {}

  absl::Status status() const { return status_; }

  void Fail(const YAML::Node& node, absl::string_view message) {
    if (!status_.ok()) return;
    status_ =
        absl::InvalidArgumentError(absl::StrCat(name_, ":", node.Mark().line + 1, ": ", message));
  }

  using OnKey = std::function<bool(const std::string& key, const YAML::Node& value)>;
  // The callback `on_key` returns false for an unknown key.
  void EachKey(const YAML::Node& map, const std::string& path, const OnKey& on_key) {
    if (map.IsNull()) return;
    if (!map.IsMap()) return Fail(map, absl::StrCat(path, ": a group of keys is expected"));
    std::vector<std::string> seen;
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) return Fail(entry.first, "a key must be plain text");
      const std::string& key = entry.first.Scalar();
      const std::string full = path.empty() ? key : absl::StrCat(path, ".", key);
      if (std::ranges::find(seen, key) != seen.end()) {
        return Fail(entry.first, absl::StrCat(full, ": set twice"));
      }
      seen.push_back(key);
      if (!on_key(key, entry.second)) Fail(entry.first, absl::StrCat(full, ": unknown key"));
    }
  }

  std::string Text(const YAML::Node& node, const std::string& path) {
    if (node.IsScalar()) return node.Scalar();
    if (!node.IsNull()) Fail(node, absl::StrCat(path, ": a single value is expected"));
    return "";
  }

  std::vector<std::string> List(const YAML::Node& node, const std::string& path) {
    std::vector<std::string> list;
    if (node.IsNull()) return list;
    if (!node.IsSequence()) Fail(node, absl::StrCat(path, ": a list is expected"));
    for (const YAML::Node& entry : node) list.push_back(Text(entry, path));
    return list;
  }

  bool Switch(const YAML::Node& node, const std::string& path) {
    bool on = false;
    if (!absl::SimpleAtob(Text(node, path), &on)) {
      Fail(node, absl::StrCat(path, ": true or false is expected"));
    }
    return on;
  }

  std::string File(const YAML::Node& node, const std::string& path) {
    const std::string named = Text(node, path);
    if (named.empty()) return "";
    absl::StatusOr<std::string> content = ReadWholeFile((folder_ / named).string(), kMostBytes);
    if (!content.ok()) {
      Fail(node, absl::StrCat(path, ": ", content.status().message()));
      return "";
    }
    return *std::move(content);
  }

 private:
  const std::string name_;
  const std::filesystem::path folder_;
  absl::Status status_;
};

// Index of the node's text in `allowed`; 0 and a fault when it is none of them.
std::size_t OneOfThem(Reader& reader, const YAML::Node& node, const std::string& path,
                      const std::vector<std::string>& allowed) {
  const std::string text = reader.Text(node, path);
  const auto found = std::ranges::find(allowed, text);
  if (found != allowed.end()) return static_cast<std::size_t>(found - allowed.begin());
  reader.Fail(node,
              absl::StrCat(path, ": \"", text, "\" is none of ", absl::StrJoin(allowed, ", ")));
  return 0;
}

ClientCertificates ClientAuth(Reader& reader, const YAML::Node& node, const std::string& path) {
  constexpr std::array kKinds = {
      ClientCertificates::kNone, ClientCertificates::kRequest, ClientCertificates::kRequireAny,
      ClientCertificates::kVerifyIfGiven, ClientCertificates::kRequireAndVerify};
  return kKinds[OneOfThem(reader, node, path,
                          {"NoClientCert", "RequestClientCert", "RequireAnyClientCert",
                           "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"})];
}

// Curve names, translated from Go's to OpenSSL's.
std::vector<std::string> Groups(Reader& reader, const YAML::Node& node, const std::string& path) {
  const std::vector<std::string> known = {"CurveP256", "CurveP384", "CurveP521", "X25519"};
  const std::vector<std::string> ours = {"P-256", "P-384", "P-521", "X25519"};
  std::vector<std::string> groups;
  if (!node.IsSequence()) reader.Fail(node, absl::StrCat(path, ": a list is expected"));
  for (const YAML::Node& entry : node) {
    groups.push_back(ours[OneOfThem(reader, entry, path, known)]);
  }
  return groups;
}

bool ReadTlsKey(Reader& reader, const std::string& key, const YAML::Node& value,
                TlsServerOptions& tls) {
  const std::string path = "tls_server_config." + key;
  if (key == "cert_file") return tls.certificates = reader.File(value, path), true;
  if (key == "key_file") return tls.key = reader.File(value, path), true;
  if (key == "client_ca_file") return tls.client_authorities = reader.File(value, path), true;
  if (key == "cert") return tls.certificates = reader.Text(value, path), true;
  if (key == "key") return tls.key = reader.Text(value, path), true;
  if (key == "client_ca") return tls.client_authorities = reader.Text(value, path), true;
  if (key == "client_allowed_sans") {
    tls.client_allowed_sans = reader.List(value, path);
    // An empty list (a truncated file?) would admit every client of the authority.
    if (tls.client_allowed_sans.empty()) reader.Fail(value, path + ": a name is expected");
    return true;
  }
  if (key == "client_auth_type") {
    return tls.client_certificates = ClientAuth(reader, value, path), true;
  }
  if (key == "min_version") {
    return tls.only_tls13 = OneOfThem(reader, value, path, {"TLS12", "TLS13"}) == 1, true;
  }
  if (key == "max_version") {
    return tls.only_tls12 = OneOfThem(reader, value, path, {"TLS13", "TLS12"}) == 1, true;
  }
  if (key == "cipher_suites") return tls.cipher_suites = reader.List(value, path), true;
  if (key == "curve_preferences") return tls.groups = Groups(reader, value, path), true;
  if (key == "prefer_server_cipher_suites") {
    return tls.prefer_own_ciphers = reader.Switch(value, path), true;
  }
  return false;
}

void ReadTls(Reader& reader, const YAML::Node& node, WebConfig& config) {
  constexpr const char* kGroup = "tls_server_config";
  TlsServerOptions tls;
  reader.EachKey(node, kGroup, [&](const std::string& key, const YAML::Node& value) {
    return ReadTlsKey(reader, key, value, tls);
  });
  if (node.IsNull() || (node.IsMap() && node.size() == 0)) return;
  const auto need = [&](bool fulfilled, absl::string_view what) {
    if (!fulfilled) reader.Fail(node, absl::StrCat(kGroup, ": ", what));
  };
  need(!tls.certificates.empty(), "cert_file is required");
  need(!tls.key.empty(), "key_file is required");
  need(!(tls.only_tls13 && tls.only_tls12), "min_version is above max_version");
  const bool verifies = tls.client_certificates == ClientCertificates::kVerifyIfGiven ||
                        tls.client_certificates == ClientCertificates::kRequireAndVerify;
  need(!verifies || !tls.client_authorities.empty(),
       "client_ca_file is required where clients are verified");
  need(verifies || (tls.client_authorities.empty() && tls.client_allowed_sans.empty()),
       "client_ca_file and client_allowed_sans need a client_auth_type that verifies");
  config.tls = std::move(tls);
}

void ReadUsers(Reader& reader, const YAML::Node& node, WebConfig& config) {
  constexpr const char* kGroup = "basic_auth_users";
  reader.EachKey(node, kGroup, [&](const std::string& user, const YAML::Node& value) {
    const std::string path = absl::StrCat(kGroup, ".", user);
    const std::string hash = reader.Text(value, path);
    if (user.empty() || user.find(':') != user.npos) {
      reader.Fail(value, absl::StrCat(path, ": a name without a colon is expected"));
    }
    if (!IsPasswordHash(hash)) {
      reader.Fail(value, absl::StrCat(path, ": a bcrypt hash of cost 4 to ", kMostBcryptCost,
                                      " is expected ($2y$10$...)"));
    }
    config.users[user] = hash;
    return true;
  });
}

struct KnownHeader {
  const char* name;
  std::vector<std::string> allowed;  // empty: any text
};

void ReadHeaders(Reader& reader, const YAML::Node& node, WebConfig& config) {
  static const std::vector<KnownHeader> known = {
      {"Content-Security-Policy", {}},
      {"Strict-Transport-Security", {}},
      {"X-Content-Type-Options", {"nosniff"}},
      {"X-Frame-Options", {"deny", "sameorigin"}},
      {"X-XSS-Protection", {}},
  };
  constexpr const char* kGroup = "http_server_config.headers";
  reader.EachKey(node, kGroup, [&](const std::string& name, const YAML::Node& value) {
    const auto header = std::ranges::find(known, name, &KnownHeader::name);
    if (header == known.end()) return false;
    const std::string path = absl::StrCat(kGroup, ".", name);
    const std::string text = reader.Text(value, path);
    if (!header->allowed.empty()) OneOfThem(reader, value, path, header->allowed);
    if (std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c > '~'; })) {
      reader.Fail(value, absl::StrCat(path, ": printable text in one line is expected"));
    }
    if (!text.empty()) config.headers.emplace_back(name, text);
    return true;
  });
}

void ReadServer(Reader& reader, const YAML::Node& node, WebConfig& config) {
  reader.EachKey(node, "http_server_config", [&](const std::string& key, const YAML::Node& value) {
    if (key == "http2") return reader.Switch(value, "http_server_config.http2"), true;
    if (key == "headers") return ReadHeaders(reader, value, config), true;
    return false;
  });
}

void ReadRateLimit(Reader& reader, const YAML::Node& node, WebConfig& config) {
  RateLimit limit;
  reader.EachKey(node, "rate_limit", [&](const std::string& key, const YAML::Node& value) {
    const std::string path = "rate_limit." + key;
    const std::string text = reader.Text(value, path);
    if (key == "interval") {
      if (!absl::ParseDuration(text, &limit.interval) || limit.interval < absl::ZeroDuration() ||
          limit.interval > absl::Hours(1)) {
        reader.Fail(value, absl::StrCat(path, ": a duration of 0 to 1h is expected"));
      }
      return true;
    }
    if (key != "burst") return false;
    if (!absl::SimpleAtoi(text, &limit.burst) || limit.burst < 0 || limit.burst > 1'000'000) {
      reader.Fail(value, absl::StrCat(path, ": 0 to 1000000 is expected"));
    }
    return true;
  });
  if (limit.interval == absl::ZeroDuration()) return;  // off, as in the toolkit
  limit.burst = std::max(limit.burst, 1);
  config.rate_limit = limit;
}

WebConfig Read(Reader& reader, const YAML::Node& root) {
  WebConfig config;
  reader.EachKey(root, "", [&](const std::string& key, const YAML::Node& value) {
    if (key == "tls_server_config") return ReadTls(reader, value, config), true;
    if (key == "http_server_config") return ReadServer(reader, value, config), true;
    if (key == "basic_auth_users") return ReadUsers(reader, value, config), true;
    if (key == "rate_limit") return ReadRateLimit(reader, value, config), true;
    return false;
  });
  return config;
}

}  // namespace

absl::StatusOr<WebConfig> ParseWebConfig(std::string_view text, const std::string& name) {
  const absl::StatusOr<YAML::Node> root = ParseYaml(text, name);
  if (!root.ok()) return root.status();
  Reader reader(name);
  try {
    WebConfig config = Read(reader, *root);
    if (!reader.status().ok()) return reader.status();
    return config;
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ":", error.mark.line + 1, ": ", error.msg));
  }
}

absl::StatusOr<WebConfig> LoadWebConfig(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadWholeFile(path, kMostBytes);
  if (!text.ok()) return text.status();
  return ParseWebConfig(*text, path);
}

}  // namespace chatscale
