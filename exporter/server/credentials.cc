#include "exporter/server/credentials.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace chatscale {

bool IsPasswordHash(const std::string& text) {
  constexpr std::size_t kPrefix = 7;  // "$2y$10$"
  constexpr std::size_t kLength = kPrefix + 53;
  if (text.size() != kLength || text.compare(0, 2, "$2") != 0 || text[3] != '$' || text[6] != '$') {
    return false;
  }
  int cost = 0;
  const bool known = text[2] == 'a' || text[2] == 'b' || text[2] == 'y';
  if (!known || !absl::ascii_isdigit(static_cast<unsigned char>(text[4])) ||
      !absl::SimpleAtoi(text.substr(4, 2), &cost) || cost < 4 || cost > kMostBcryptCost) {
    return false;
  }
  return std::all_of(text.begin() + kPrefix, text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '/';
  });
}

namespace {

// log2 of the rounds.
int BcryptCost(const std::string& hash) {
  int cost = 0;
  return absl::SimpleAtoi(hash.substr(4, 2), &cost) ? cost : 0;
}

}  // namespace

bool PasswordMatches(const std::string& password, const std::string& hash) {
  const auto scratch = std::make_unique<crypt_data>();
  const char* made = ::crypt_r(password.c_str(), hash.c_str(), scratch.get());
  const bool same = made != nullptr && SameSecret(made, hash);
  OPENSSL_cleanse(scratch.get(), sizeof *scratch);
  // crypt(3) ignores what follows a NUL.
  return same && password.find('\0') == password.npos;
}

bool SameSecret(const std::string& one, const std::string& other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

namespace {

std::string RandomBytes() {
  std::array<unsigned char, 32> bytes{};
  RAND_bytes(bytes.data(), bytes.size());
  return {bytes.begin(), bytes.end()};
}

// The credentials after `scheme`; nullopt for another scheme.
std::optional<std::string_view> After(std::string_view scheme, std::string_view authorization) {
  const bool is = absl::StartsWithIgnoreCase({authorization.data(), authorization.size()},
                                             {scheme.data(), scheme.size()});
  if (!is) return std::nullopt;
  authorization.remove_prefix(scheme.size());
  return authorization.substr(std::min(authorization.find_first_not_of(' '), authorization.size()));
}

struct UserAndPassword {
  std::string user, password;
};

std::optional<UserAndPassword> BasicOf(std::string_view authorization) {
  const std::optional<std::string_view> encoded = After("Basic ", authorization);
  std::string text;
  if (!encoded || !absl::Base64Unescape({encoded->data(), encoded->size()}, &text)) {
    return std::nullopt;
  }
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  return UserAndPassword{text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

Credentials::Credentials(std::map<std::string, std::string> users, std::optional<std::string> token,
                         const Credentials* before)
    : users_(std::move(users)), salt_(before == nullptr ? RandomBytes() : before->salt_) {
  if (token) token_digest_ = DigestOf(*token);
  for (const auto& [user, hash] : users_) {
    if (most_expensive_.empty() || BcryptCost(hash) > BcryptCost(most_expensive_)) {
      most_expensive_ = hash;
    }
  }
  if (before == nullptr) return;
  const std::lock_guard lock(before->mutex_);
  for (const auto& [digest, user] : before->good_) {
    const auto now = users_.find(user), then = before->users_.find(user);
    if (now != users_.end() && now->second == then->second) good_.emplace(digest, user);
  }
}

std::string Credentials::DigestOf(std::string_view text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), salt_.data(), static_cast<int>(salt_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return {digest.begin(), digest.begin() + size};
}

Credentials::Known Credentials::CheckCached(std::string_view authorization) const {
  if (const auto token = After("Bearer ", authorization)) {
    const bool good = token_digest_ && SameSecret(DigestOf(*token), *token_digest_);
    return good ? Known::kGood : Known::kBad;
  }
  if (users_.empty() || !BasicOf(authorization)) return Known::kBad;
  const std::string digest = DigestOf(authorization);
  const std::lock_guard lock(mutex_);
  return good_.contains(digest) ? Known::kGood : Known::kUnsure;
}

bool Credentials::Accepts(std::string_view authorization) {
  const std::optional<UserAndPassword> given = BasicOf(authorization);
  if (users_.empty() || !given) return false;
  const auto user = users_.find(given->user);
  const bool known = user != users_.end();
  const bool good = known && PasswordMatches(given->password, user->second);
  if (!known || BcryptCost(user->second) < BcryptCost(most_expensive_)) {
    PasswordMatches(given->password, most_expensive_);  // so that the time reveals no user
  }
  if (!good) return false;
  constexpr std::size_t kMostRemembered = 256;
  const std::lock_guard lock(mutex_);
  if (good_.size() >= kMostRemembered) good_.clear();
  good_.emplace(DigestOf(authorization), given->user);
  return true;
}

}  // namespace chatscale
