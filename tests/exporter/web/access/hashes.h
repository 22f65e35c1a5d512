// bcrypt of "right", at the least cost and at one that can be timed.
#pragma once

namespace chatscale {

inline constexpr char kHashOfRight[] =
    "$2b$04$abcdefghijklmnopqrstuuFmEfrkTQnczNzw475xE2VhDrK1uwJiC";
inline constexpr char kSlowHashOfRight[] =
    "$2b$09$abcdefghijklmnopqrstuulMZf6jtM3mHTB9FndCo./ZQ5Frbrp8C";

}  // namespace chatscale
