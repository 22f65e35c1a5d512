// RFC 1952 compression of what we send. Pure.
#pragma once

#include <string>
#include <string_view>

namespace chatscale {

// `text` as one gzip member, at a low level: a scrape is read once.
std::string Gzip(std::string_view text);

}  // namespace chatscale
