#include "exporter/server/password_hash.h"

#include <crypt.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
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

int BcryptCost(const std::string& hash) {
  int cost = 0;
  return absl::SimpleAtoi(hash.substr(4, 2), &cost) ? cost : 0;
}

bool PasswordMatches(const std::string& password, const std::string& hash) {
  const auto scratch = std::make_unique<crypt_data>();
  const char* made = ::crypt_r(password.c_str(), hash.c_str(), scratch.get());
  const bool same = made != nullptr && SameSecret(made, hash);
  OPENSSL_cleanse(scratch.get(), sizeof *scratch);
  // What follows a NUL would not have been looked at.
  return same && password.find('\0') == password.npos;
}

bool SameSecret(const std::string& one, const std::string& other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace chatscale
