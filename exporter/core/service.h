// The two services: one word for them, from the documents that are read to the advice that is
// given.
#pragma once

#include "recommender/service.h"

namespace chatscale {

using recommender::kServices;
using recommender::PerService;
using recommender::Service;

}  // namespace chatscale
