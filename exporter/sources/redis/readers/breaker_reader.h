// Reads the circuit breakers of one target. Pure.
#pragma once

#include "exporter/sources/redis/state/breakers.h"
#include "exporter/sources/redis/state/keys.h"
#include "exporter/sources/redis/wire/pipeline.h"
#include "exporter/sources/redis/wire/reply_stream.h"

namespace chatscale::redis {

void AskBreakers(const KeySpace& keys, const GatewayConfig& config, double now, Pipeline& pipeline);
Breakers TakeBreakers(TolerantParser& parser, ReplyStream& replies, ReplyFaults& faults);

}  // namespace chatscale::redis
