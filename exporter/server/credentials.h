// Whom to believe: users with passwords, and a bearer token. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"

namespace chatscale {

// Passwords by bcrypt, as htpasswd -B writes it: "$2y$10$" and 53 characters. Checked by crypt(3).

// 15 takes about two seconds.
inline constexpr int kMostBcryptCost = 15;

bool IsPasswordHash(const std::string& text);

// The exponent of the rounds. Requires: IsPasswordHash(hash).
int BcryptCost(const std::string& hash);

// Takes as long as the hash's cost says. Requires: IsPasswordHash(hash).
bool PasswordMatches(const std::string& password, const std::string& hash);

// Equal texts, in a time that tells nothing of where they differ.
bool SameSecret(const std::string& one, const std::string& other);

class Credentials {
 public:
  // `users`: names to bcrypt hashes. What `before` knew to be good stays known where the user's
  // hash is the same; it may be null.
  Credentials(std::map<std::string, std::string> users, std::optional<std::string> token,
              const Credentials* before = nullptr);

  // Whether anything is asked for at all.
  bool any() const { return !users_.empty() || token_digest_.has_value(); }

  // Of an Authorization header (RFC 9110, 11.6.2). kUnsure: a password that was not seen to be good
  // before; only Accepts can tell.
  enum class Known { kGood, kBad, kUnsure };
  Known Recognise(std::string_view authorization) const;

  // As long as the most expensive hash takes, whoever the user is and whether he exists; remembers
  // what was good.
  bool Accepts(std::string_view authorization);

 private:
  std::string DigestOf(std::string_view text) const;

  const std::map<std::string, std::string> users_;
  std::string most_expensive_;  // of the hashes
  const std::string salt_;      // random: what is remembered tells nothing of passwords
  std::optional<std::string> token_digest_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> good_ ABSL_GUARDED_BY(mutex_);  // digests of headers; users
};

}  // namespace chatscale
