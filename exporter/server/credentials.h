// Credentials for authentication: users with passwords, and a bearer token. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"

namespace chatscale {

// 15 takes about two seconds.
inline constexpr int kMostBcryptCost = 15;

// A bcrypt hash as htpasswd -B writes it: "$2y$10$" and 53 characters.
bool IsPasswordHash(const std::string& text);

// Verifies with crypt(3); the time depends on the hash's cost. Requires: IsPasswordHash(hash).
bool PasswordMatches(const std::string& password, const std::string& hash);

// Equality in constant time for texts of the same length, against timing attacks.
bool SameSecret(const std::string& one, const std::string& other);

class Credentials {
 public:
  // `users`: names to bcrypt hashes. Headers verified by `before` (may be null) stay verified where
  // the user's hash is the same.
  Credentials(std::map<std::string, std::string> users, std::optional<std::string> token,
              const Credentials* before = nullptr);

  // Authentication is configured.
  bool any() const { return !users_.empty() || token_digest_.has_value(); }

  // Checks an Authorization header (RFC 9110, 11.6.2) without hashing. kUnsure: a password that was
  // not verified before; only Accepts can tell.
  enum class Known { kGood, kBad, kUnsure };
  Known CheckCached(std::string_view authorization) const;

  // Verifies a password. Takes as long as the most expensive hash, for any user, existing or not,
  // against timing attacks; remembers verified headers.
  bool Accepts(std::string_view authorization);

 private:
  std::string DigestOf(std::string_view text) const;

  const std::map<std::string, std::string> users_;
  std::string most_expensive_;  // hash
  const std::string salt_;      // random: the digests reveal nothing about passwords
  std::optional<std::string> token_digest_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> good_ ABSL_GUARDED_BY(mutex_);  // header digests to users
};

}  // namespace chatscale
