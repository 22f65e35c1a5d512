// Passwords by bcrypt, as htpasswd -B writes it: "$2y$10$" and 53 characters. Checked by crypt(3).
#pragma once

#include <string>

namespace chatscale {

// 15 takes about two seconds.
inline constexpr int kMostBcryptCost = 15;

bool IsPasswordHash(const std::string& text);

// The exponent of the rounds. Requires: IsPasswordHash(hash).
int BcryptCost(const std::string& hash);

// Takes as long as the hash's cost says. Requires: IsPasswordHash(hash).
bool PasswordMatches(const std::string& password, const std::string& hash);

// Equal texts, in a time that tells nothing of where they differ.
bool SameSecret(const std::string& one, const std::string& other);

}  // namespace chatscale
