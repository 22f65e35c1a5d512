// Whether a page of somebody else made a browser ask: it sends along what the browser knows of the
// user, a password for example.
#pragma once

#include "exporter/server/http_server.h"

namespace chatscale {

// By Sec-Fetch-Site (https://www.w3.org/TR/fetch-metadata/), or by Origin (RFC 6454) where the
// browser sends none. Who is no browser sends neither.
bool IsCrossSite(const WebRequest& request);

// 403, for requests that change or send something.
WebResponse CrossSiteRefused();

}  // namespace chatscale
