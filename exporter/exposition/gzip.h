// RFC 1952 compression of what we send. Pure.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace chatscale {

// The parts, one behind the other, as one gzip member, at a low level: a scrape is read once.
std::string Gzip(std::initializer_list<std::string_view> parts);

inline std::string Gzip(std::string_view text) { return Gzip({text}); }

}  // namespace chatscale
