#include "exporter/server/credentials.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "exporter/server/password_hash.h"

namespace chatscale {
namespace {

std::string RandomBytes() {
  std::array<unsigned char, 32> bytes{};
  RAND_bytes(bytes.data(), bytes.size());
  return {bytes.begin(), bytes.end()};
}

// What follows the scheme; nullopt when it is another one.
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

Credentials::Known Credentials::Recognise(std::string_view authorization) const {
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
    PasswordMatches(given->password, most_expensive_);  // the time tells no name
  }
  if (!good) return false;
  constexpr std::size_t kMostRemembered = 256;
  const std::lock_guard lock(mutex_);
  if (good_.size() >= kMostRemembered) good_.clear();
  good_.emplace(DigestOf(authorization), given->user);
  return true;
}

}  // namespace chatscale
