#include "exporter/web/cross_site.h"

#include <string>

namespace chatscale {

bool IsCrossSite(const WebRequest& request) {
  const std::string site = request.Header("sec-fetch-site");
  if (!site.empty()) return site != "same-origin" && site != "none";
  const std::string origin = request.Header("origin");
  if (origin.empty()) return false;
  const auto scheme = origin.find("://");
  return scheme == origin.npos || origin.substr(scheme + 3) != request.Header("host");
}

WebResponse CrossSiteRefused() {
  return JsonResponse(403, R"({"error":"a page of another site may not ask for this"})");
}

}  // namespace chatscale
