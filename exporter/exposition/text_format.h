// Prometheus' text exposition format 0.0.4. Pure.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
#pragma once

#include <string>

#include "exporter/core/samples.h"

namespace chatscale {

inline constexpr const char* kTextFormatContentType = "text/plain; version=0.0.4; charset=utf-8";

// HELP, TYPE and a line for each sample. Values are written with the fewest digits that read back
// the same.
void AppendText(const SampleFamily& family, std::string& out);

}  // namespace chatscale
