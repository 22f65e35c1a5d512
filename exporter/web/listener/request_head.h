// Parts of a framed request, as they were sent. Pure.
#pragma once

#include <functional>
#include <string_view>

namespace chatscale {

// What follows the method: a path, or a whole URL, with its query.
std::string_view TargetOf(std::string_view request);
// Without the query.
std::string_view PathOf(std::string_view request);

// In order; values without the white space around them.
void EachHeader(std::string_view request,
                const std::function<void(std::string_view name, std::string_view value)>& each);

}  // namespace chatscale
