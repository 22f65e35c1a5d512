// `components.<name>` of the document -> Component. Pure.
#pragma once

#include "exporter/core/snapshot.h"
#include "exporter/sources/json_fields.h"

namespace chatscale {

Component ReadComponent(const JsonFields& json);

// {1m, 15m, 1h, max}, each multiplied by `factor`.
WindowMeans ReadWindowMeans(const JsonFields& json, double factor);

}  // namespace chatscale
