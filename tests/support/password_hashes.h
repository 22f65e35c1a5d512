// bcrypt of "right", at the least cost and at one that can be timed; and how users are shown.
#pragma once

#include <string>

#include "absl/strings/escaping.h"

namespace chatscale {

inline constexpr char kHashOfRight[] =
    "$2b$04$abcdefghijklmnopqrstuuFmEfrkTQnczNzw475xE2VhDrK1uwJiC";
inline constexpr char kSlowHashOfRight[] =
    "$2b$09$abcdefghijklmnopqrstuulMZf6jtM3mHTB9FndCo./ZQ5Frbrp8C";

// The value of an Authorization header, of "user:password".
inline std::string BasicAuthorization(const std::string& user_and_password) {
  return "Basic " + absl::Base64Escape(user_and_password);
}

}  // namespace chatscale
