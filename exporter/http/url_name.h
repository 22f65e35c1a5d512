// What may be said about a URL, and where it leads. Pure.
#pragma once

#include <string>

namespace chatscale {

// "host:port/path": without user, password, query and fragment. Empty when `url` is not one of
// http or https.
std::string UrlName(const std::string& url);

// Both valid, and of one scheme, host and port.
bool SameOrigin(const std::string& a, const std::string& b);

}  // namespace chatscale
