#include "exporter/web/listener/request_head.h"

#include "absl/strings/ascii.h"

namespace chatscale {

std::string_view TargetOf(std::string_view request) {
  request = request.substr(0, request.find("\r\n"));
  const std::size_t start = request.find(' ') + 1;
  return request.substr(start, request.find(' ', start) - start);
}

std::string_view PathOf(std::string_view request) {
  const std::string_view target = TargetOf(request);
  return target.substr(0, target.find('?'));
}

void EachHeader(std::string_view request,
                const std::function<void(std::string_view name, std::string_view value)>& each) {
  while (true) {
    const std::size_t end = request.find("\r\n");
    if (end == request.npos) return;
    request.remove_prefix(end + 2);
    const std::string_view line = request.substr(0, request.find("\r\n"));
    if (line.empty()) return;
    const std::size_t colon = line.find(':');
    if (colon == line.npos) continue;
    const absl::string_view value =
        absl::StripAsciiWhitespace({line.data() + colon + 1, line.size() - colon - 1});
    each(line.substr(0, colon), {value.data(), value.size()});
  }
}

}  // namespace chatscale
