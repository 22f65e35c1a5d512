// The arithmetic behind a count, in sentences. Pure.
#pragma once

#include <string>
#include <vector>

#include "recommender/recommendation.h"

namespace chatscale {

// Nothing of what is not known.
std::vector<std::string> SizingWords(const recommender::Recommendation& given);

}  // namespace chatscale
