// A number as text, for machines: independent of the locale. Pure.
#pragma once

#include <string>

namespace chatscale {

// The fewest digits that read back as the same double; "NaN", "+Inf", "-Inf".
std::string NumberText(double value);

}  // namespace chatscale
