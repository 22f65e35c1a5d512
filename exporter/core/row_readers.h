// Shapes that several catalogue rows share: windows, percentiles, user types.
#pragma once

#include "exporter/core/catalogue.h"

namespace chatscale {

// {window, stat="avg"} for each window and {window="1h", stat="max"}, behind `labels`.
void EmitWindows(const WindowMeans& windows, const Labels& labels, const Emit& emit);

// One sample per window, labelled {window}.
void EmitP50(const Latency& latency, const Emit& emit);
void EmitP95(const Latency& latency, const Emit& emit);
void EmitP99(const Latency& latency, const Emit& emit);
void EmitMax(const Latency& latency, const Emit& emit);
void EmitCount(const Latency& latency, const Emit& emit);

// One sample per user type, labelled {user_type}.
void EmitUserTypes(const PerUserType<MaybeNumber>& values, const Emit& emit);

}  // namespace chatscale
