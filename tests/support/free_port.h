// A TCP port of the loopback that nobody listens on now.
#pragma once

namespace chatscale {

int FreePort();

}  // namespace chatscale
